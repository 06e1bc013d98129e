"""Measure: the size, the outline and the contrast of a candidate."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import Candidate, median
from service.vision.normalise import Normalised

# An outline may leave the pixel border by this much: well inside the "pixel or two" that matters.
OUTLINE_TOLERANCE_PX = 0.8
# One layer is 0.10 to 0.13 in green on the usual oxides.
HALF_LAYER = 0.055
# A normal distribution's quartiles are so many standard deviations apart; 8 bits alone spread by
# the second.
QUARTILES = 1.349
LEAST_NOISE = 0.006


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Measurement of a flake on one tile, without knowing where the tile is.

    Attributes
    ----------
    area_px : int
        Pixels of the mask.
    bbox_px : (x, y, width, height)
    centre_px : (x, y)
        Centre of mass of the mask; a pixel's centre lies at its integers + 0.5.
    polygon_px : (n, 2) float64
        Outer outline of the largest part, as (x, y), not closed.
    contrast_rgb : (r, g, b)
        Median of pixel / background - 1 over the mask, its rim left out where it has an inside.
    touches_border : bool
        The flake is cut by the edge of the tile.
    uniformity : float
        1 where its inside varies by no more than noise does, 0 where by half a layer or more:
        rubbed graphite and what holds several numbers of layers.
    """

    area_px: int
    bbox_px: tuple[int, int, int, int]
    centre_px: tuple[float, float]
    polygon_px: NDArray[np.float64]
    contrast_rgb: tuple[float, float, float]
    touches_border: bool
    uniformity: float = 1.0


def measure(candidate: Candidate, normalised: Normalised) -> Measurement:
    """Measure one candidate on its normalised tile."""
    x, y, width, height = candidate.bbox_px
    channels = _inner_contrast(candidate, normalised)
    red, green, blue = median(channels).tolist()
    moments = cv2.moments(candidate.mask.astype(np.uint8), binaryImage=True)
    area_px = round(moments["m00"])
    tile_height, tile_width = (side * normalised.reduction for side in normalised.pixels.shape[:2])
    return Measurement(
        area_px=area_px,
        bbox_px=candidate.bbox_px,
        centre_px=(
            x + moments["m10"] / area_px + 0.5,
            y + moments["m01"] / area_px + 0.5,
        ),
        polygon_px=outline(candidate.mask) + (x, y),
        contrast_rgb=(red, green, blue),
        touches_border=x == 0 or y == 0 or x + width >= tile_width or y + height >= tile_height,
        uniformity=_uniformity(channels, normalised.light.noise_rgb),
    )


def _uniformity(channels: NDArray[np.float32], noise_rgb: tuple[float, float, float]) -> float:
    # In green, where one layer is the largest step; the middle half of the pixels says how far all
    # spread, whatever a fold or a speck does.
    low, high = channels.shape[1] // 4, 3 * channels.shape[1] // 4
    ordered = np.partition(channels[1], (low, high))
    spread = float(ordered[high] - ordered[low]) / QUARTILES
    excess = max(spread**2 - max(noise_rgb[1], LEAST_NOISE) ** 2, 0) ** 0.5
    return float(max(1 - excess / HALF_LAYER, 0))


def outline(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Outer outline of the largest part of a mask, (n, 2) as (x, y), along pixel edges."""
    # Twice the size: a contour through the outermost sub-pixels is 1/4 px from the true edge.
    doubled = cv2.resize(mask.astype(np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea)
    smooth = cv2.approxPolyDP(largest, 2 * OUTLINE_TOLERANCE_PX, True).reshape(-1, 2)
    return (smooth.astype(np.float64) + 0.5) / 2


def _inner_contrast(candidate: Candidate, normalised: Normalised) -> NDArray[np.float32]:
    """Contrast of the pixels inside, (3, n)."""
    x, y, width, height = candidate.bbox_px
    step = normalised.reduction
    inside = _interior(candidate.mask)
    if any(number % step for number in candidate.bbox_px):
        contrast = normalised.contrast(x, y, width, height)
    else:
        # Cut from the reduced image, it is made of that image's pixels.
        inside = inside[step // 2 :: step, step // 2 :: step]
        contrast = normalised.reduced_contrast(
            slice(y // step, (y + height) // step), slice(x // step, (x + width) // step)
        )
    return np.ascontiguousarray(contrast[inside].T)


def _interior(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # The optics blur an edge over about two pixels: those mix flake and surroundings.
    eroded = cv2.erode(
        mask.astype(np.uint8),
        np.ones((5, 5), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    ).astype(np.bool_)
    return eroded if np.count_nonzero(eroded) >= 20 else mask
