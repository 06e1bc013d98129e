"""Lay patches on a grid of pixels: which film and which flake is at each."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.render.chip import BARE, Film, Patch
from service.render.raster import Filled, fill
from service.render.shapes import Polygon
from service.render.truth import Window

# Steps higher than this throw so much light aside that the objective sees a dark outline.
OUTLINED_FROM_LAYERS = 8
# As wide as the blur of an objective: nothing narrower is ever seen.
OUTLINE_UM = 0.35
# OpenCV draws at fractions of a pixel when told how many bits of a number are the fraction.
FRACTION_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """What lies at each pixel of a window, (height, width).

    Attributes
    ----------
    palette : list of Film
        `film` indexes it.
    film : uint16
    instances : uint16
        Number of the flake, 0 where there is none.
    outline : uint8
        Darkness of the outlines of thick films, 255 is the darkest.
    """

    palette: list[Film]
    film: NDArray[np.uint16]
    instances: NDArray[np.uint16]
    outline: NDArray[np.uint8]

    def layers(self, every: int = 1) -> NDArray[np.uint16]:
        """Layers of carbon at every so many pixels, from the middle of the first; 0 without."""
        numbers = [film.layers if film.material == "carbon" else 0 for film in self.palette]
        return np.array(numbers, np.uint16)[self.film[every // 2 :: every, every // 2 :: every]]


def lay(patches: Sequence[Patch], window: Window) -> Laid:
    """Lay patches over each other, the later above."""
    shape = (window.height_px, window.width_px)
    laid = Laid(
        [BARE], np.zeros(shape, np.uint16), np.zeros(shape, np.uint16), np.zeros(shape, np.uint8)
    )
    numbers = {BARE: 0}
    for patch in patches:
        polygon_px = window.to_px(patch.polygon_um)
        filled = fill(polygon_px, window.width_px, window.height_px)
        if filled is None:
            continue
        if patch.film not in numbers:
            numbers[patch.film] = len(laid.palette)
            laid.palette.append(patch.film)
        laid.film[filled.where][filled.mask] = numbers[patch.film]
        laid.instances[filled.where][filled.mask] = patch.flake
        _outline(laid.outline, filled, polygon_px, patch.film, window.um_per_px)
    return laid


def _outline(
    outline: NDArray[np.uint8], filled: Filled, polygon_px: Polygon, film: Film, um_per_px: float
) -> None:
    outline[filled.where][filled.mask] = 0
    if film.layers < OUTLINED_FROM_LAYERS or film.material != "carbon":
        return
    darkness = int(255 * (1 - np.exp(-film.layers / 40)))
    width = max(1, round(OUTLINE_UM / um_per_px))
    # A corner at integers + 0.5 is the centre of a pixel here, and an integer there.
    corners = np.round((polygon_px - 0.5) * 2**FRACTION_BITS).astype(np.int32)
    cv2.polylines(outline, [corners], True, darkness, width, cv2.LINE_AA, FRACTION_BITS)
