"""The bare substrate's colour at every place of a tile, also where flakes hide it."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.bare import NOTHING, Choice, choose
from service.vision.candidate import largest
from service.vision.decode import KnownSubstrate
from service.vision.levels import BRIGHTEST, find_levels

# Log contrast up to which a pixel counts as bare: well below the green step of one layer (0.13 on
# 90 and 285 nm).
BARE = 0.04
# Levels are found on half of the rows and columns where at least so many of them are left.
LEVELS_PX = 64
# What bare substrate changes by between neighbours at most: dust changes more.
CLEAN = 0.1
# Standard deviation of a blur, in pixels, that is still smooth.
SIGMA = 5

Array = NDArray[Any]  # float32, which OpenCV does not promise in its types
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The bare substrate of a reduced tile.

    Attributes
    ----------
    surface : (h, w, 3) float32
        Its colour at every pixel, above 0.
    bare : (h, w) bool
        Where it lies bare.
    choice : Choice
        Which level was taken for it, and how sure that is.
    """

    surface: Array
    bare: Mask
    choice: Choice


def find_background(
    pixels: Array, known: KnownSubstrate | None = None, cell_px: int = 8
) -> Background:
    """Colour of the bare substrate at every pixel of a reduced tile, and where it lies bare.

    Robust to flakes on most of the image, to marks and black areas: the light is fitted to the
    flat areas of every colour, and the substrate is the colour against which the others are what
    graphite can be, not the most frequent one.

    Parameters
    ----------
    pixels : (h, w, 3) float32
        About 100-300 pixels a side, full scale = 1.

    cell_px : int
        Pixels of the tile, each way, to one of these.
    """
    log = cv2.log(np.maximum(pixels, 1e-3))
    size = (pixels.shape[1], pixels.shape[0])
    half = min(size) >= 2 * LEVELS_PX
    coarse = pixels
    if half:
        coarse = cv2.resize(pixels, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA)
    levels = find_levels(coarse, 2 * cell_px if half else cell_px)
    if levels is None:  # black, saturated or all edges: nothing to fit to
        level = np.maximum(np.median(pixels.reshape(-1, 3), axis=0), 1e-3).astype(np.float32)
        nowhere = np.zeros(pixels.shape[:2], np.bool_)
        return Background(np.broadcast_to(level, pixels.shape).copy(), nowhere, NOTHING)
    choice = choose(levels, known)
    if choice.level is None:
        assert known is not None
        colour = np.log(np.maximum(known.background_rgb, 1e-3))
    else:
        colour = levels.colour[choice.level]
    light = cv2.resize(levels.light, size) if half else levels.light
    surface = light + colour.astype(np.float32)
    away = log - surface
    span = cv2.morphologyEx(log, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    bare = (largest(np.abs(away)) < BARE) & (largest(span) < CLEAN) & (largest(pixels) < BRIGHTEST)
    surface = surface + _local_residual(away, bare)
    return Background(cv2.exp(surface), bare, choice)


def _local_residual(residual: Array, bare: Mask) -> Array:
    """Average what the polynomial left over, over the bare pixels around each place."""
    height, width = bare.shape
    sigma = max(height, width) / 16
    # A blur so wide is the same on a smaller image, in a tenth of the time.
    times = max(int(sigma / SIGMA), 1)
    size = (max(width // times, 1), max(height // times, 1))
    weight = bare.astype(np.float32)
    weighted = cv2.resize(residual * weight[..., None], size, interpolation=cv2.INTER_AREA)
    weight = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
    mass = cv2.GaussianBlur(weight, (0, 0), sigma / times, borderType=cv2.BORDER_REFLECT)
    blurred = cv2.GaussianBlur(weighted, (0, 0), sigma / times, borderType=cv2.BORDER_REFLECT)
    # Where hardly any substrate is near, the polynomial alone is the better guess.
    return np.asarray(cv2.resize(blurred / (mass + 0.05)[..., None], (width, height)), np.float32)
