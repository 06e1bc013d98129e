"""Outlines somewhat wrong: what a network must bear with from any segmentation."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.vision.candidate import Candidate

# Less than this is left of a thin strip: the outline is no longer that of the flake.
LEAST_PX = 30


def jittered(
    candidate: Candidate, rng: Generator, size_px: tuple[int, int], reach_px: int = 2
) -> Candidate:
    """Grow or shrink the candidate by up to `reach_px`, and shift it by up to one pixel.

    Parameters
    ----------
    size_px : (width, height)
        Of the tile, beyond which no mask may grow.
    """
    by = int(rng.integers(-reach_px, reach_px + 1))
    grown = np.pad(candidate.mask.astype(np.uint8), reach_px + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(by) + 1,) * 2)
    if by > 0:
        grown = np.asarray(cv2.dilate(grown, kernel), np.uint8)
    elif by < 0:
        shrunk = np.asarray(cv2.erode(grown, kernel), np.uint8)
        grown = shrunk if np.count_nonzero(shrunk) >= LEAST_PX else grown
    shift_x, shift_y = rng.integers(-1, 2, 2).tolist()
    x = candidate.x - reach_px - 1 + shift_x
    y = candidate.y - reach_px - 1 + shift_y
    return _within(x, y, grown > 0, size_px)


def _within(x: int, y: int, mask: NDArray[np.bool_], size_px: tuple[int, int]) -> Candidate:
    inside = mask[max(-y, 0) : max(size_px[1] - y, 0), max(-x, 0) : max(size_px[0] - x, 0)]
    left, top, width, height = cv2.boundingRect(inside.astype(np.uint8))
    return Candidate(
        max(x, 0) + left, max(y, 0) + top, inside[top : top + height, left : left + width]
    )
