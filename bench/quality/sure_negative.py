"""Sure negatives: what is certainly no graphene of 1 to 4 layers, judged from the pixels alone.

Independent of the pipeline: its own background, its own limits.
"""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.region import Region

# Graphene of 1 to 4 layers on 90 or 285 nm of oxide is not brighter than bare substrate in red or
# green, and its green contrast ends near -0.47. Blue is brighter on 285 nm with that camera: +0.05
# was measured on one layer, +0.12 on two, about +0.2 on four; thick graphite has +0.4 and more.
BRIGHTER_RGB = (0.10, 0.10, 0.30)
DARKER_GREEN = -0.60
SPECK_PX = 60
_REDUCTION = 16
_DEGREE = 4


class SureNegatives:
    """Answers for one tile, (height, width, 3) RGB, whether a region is certainly no graphene."""

    def __init__(self, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
        self._pixels = pixels

    def __call__(self, region: Region) -> bool:
        """Brighter than bare substrate, far too dark in green, or a speck."""
        if region.area_px < SPECK_PX:
            return True
        contrast = self.median_contrast(region)
        brighter = any(c > limit for c, limit in zip(contrast, BRIGHTER_RGB, strict=True))
        return brighter or contrast[1] < DARKER_GREEN

    def median_contrast(self, region: Region) -> tuple[float, float, float]:
        """Median of pixel / background - 1 over a region: R, G, B."""
        box = region.box
        window = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        mask = np.ones((box.height, box.width), bool) if region.mask is None else region.mask
        ratio = self._pixels[window][mask] / self._background[window][mask]
        red, green, blue = (np.median(ratio, axis=0) - 1).tolist()
        return red, green, blue

    @cached_property
    def _background(self) -> NDArray[np.float32]:
        height, width = self._pixels.shape[:2]
        size = (max(width // _REDUCTION, 8), max(height // _REDUCTION, 8))
        small = cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA).astype(np.float64)
        surface = np.dstack([_robust_surface(small[..., c]) for c in range(3)])
        full = cv2.resize(surface.astype(np.float32), (width, height))
        return np.maximum(full, 1.0)


def _robust_surface(channel: NDArray[np.float64]) -> NDArray[np.float64]:
    # Substrate is most of a tile and flakes are outliers: fit, drop what is far, fit again.
    height, width = channel.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = [x**i * y**j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)]
    matrix = np.stack([term.ravel() for term in terms], axis=1)
    values = channel.ravel()
    keep = np.abs(values - np.median(values)) < 0.35 * np.median(values)
    for _ in range(12):
        solution = np.linalg.lstsq(matrix[keep], values[keep], rcond=None)[0]
        error = values - matrix @ solution
        spread = 1.4826 * np.median(np.abs(error[keep]))
        keep = np.abs(error) < 2.5 * max(spread, 1e-6 + 0.005 * np.median(values))
    return np.asarray((matrix @ solution).reshape(channel.shape))
