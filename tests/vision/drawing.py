"""Tiles drawn with a known answer."""

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.decode import Tile

# Bare 90 nm oxide as a camera sees it, and reference contrasts of 1-3 layers on it.
SUBSTRATE_RGB = (0.50, 0.44, 0.62)
LAYERS = {1: (-0.137, -0.140, -0.071), 2: (-0.248, -0.264, -0.152), 3: (-0.347, -0.368, -0.216)}
THICK = (0.75, 0.95, 0.50)

Polygon = list[tuple[int, int]]


def draw(
    flakes: list[tuple[Polygon, tuple[float, float, float]]],
    *,
    size: tuple[int, int] = (640, 480),
    light: NDArray[np.float32] | None = None,
    noise: float = 0.008,
    dtype: type = np.uint8,
) -> Tile:
    """A tile of polygons of given contrast on bare substrate, blurred as by optics.

    `light`, (height, width, 1) or (height, width, 3), multiplies what the camera sees.
    """
    width, height = size
    contrast = np.zeros((height, width, 3), np.float32)
    for polygon, value in flakes:
        cv2.fillPoly(contrast, [np.array(polygon, np.int32)], value)
    contrast = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    seen = (contrast + 1) * np.array(SUBSTRATE_RGB, np.float32)
    if light is not None:
        seen = seen * light
    seen = seen * (1 + np.random.default_rng(0).normal(0, noise, seen.shape))
    scale = np.iinfo(dtype).max
    return Tile(np.clip(np.round(seen * scale), 0, scale).astype(dtype))


def square(x: int, y: int, side: int) -> Polygon:
    """Corners of a square."""
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def vignette(size: tuple[int, int], fall: float) -> NDArray[np.float32]:
    """Light that falls by `fall` from the centre to the corners."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    r2 = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    return np.asarray(1 - fall * r2, np.float32)[..., None]
