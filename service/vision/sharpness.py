"""How sharp a tile is: over how many pixels its edges spread."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Steps of at least this share of the substrate's level, over SPAN pixels, are edges: thick flakes,
# marks and dust, which nearly every tile has.
EDGE = 0.25
SPAN = 8
# Fewer edge pixels than this tell nothing.
ENOUGH = 100
# Every eighth row and column is enough to measure by.
STRIDE = 8
# Share of an edge's step that its steepest pixel makes (lower quartile over all edges), and the
# reduction that brings a softer image back to about two pixels an edge. Sharp 20x tiles measure
# 0.35-0.52, tiles of 0.13-0.19 um/px, oversampled three times, 0.22-0.25.
REDUCTIONS = ((0.30, 1), (0.15, 2), (0.0, 3))


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How sharp a tile's edges are.

    Attributes
    ----------
    reduction : int
        Number of pixels, each way, that carry the information of one.
    focus : float
        Median share of an edge's step that its steepest pixel makes; 0 without edges.
    """

    reduction: int
    focus: float


def measure_sharpness(pixels: NDArray[Any], level: float) -> Sharpness:
    """Sharpness of an image, (h, w, 3), whose bare substrate has `level` in green."""
    rows = pixels[::STRIDE, :, 1]
    columns = np.ascontiguousarray(pixels[:, ::STRIDE, 1]).T
    steepness = np.concatenate([_steepness(lines, level) for lines in (rows, columns)])
    if len(steepness) < ENOUGH:
        return Sharpness(1, 0.0)
    quartile, median = np.percentile(steepness, [25, 50]).tolist()
    reduction = next(reduction for least, reduction in REDUCTIONS if quartile >= least)
    return Sharpness(reduction, median)


def _steepness(lines: NDArray[Any], level: float) -> NDArray[Any]:
    if lines.shape[1] <= SPAN or level <= 0:
        return np.zeros(0, np.float32)
    lines = np.ascontiguousarray(lines)
    steps = cv2.absdiff(lines[:, 1:], lines[:, :-1])
    whole = cv2.absdiff(lines[:, SPAN:], lines[:, :-SPAN])
    steepest = cv2.dilate(steps, np.ones((1, SPAN), np.uint8), anchor=(0, 0))
    least = EDGE * level
    # Whole numbers compare with a whole one in a tenth of the time.
    edges = whole > (int(least) if whole.dtype.kind == "u" else least)
    return np.asarray(steepest[:, : whole.shape[1]][edges] / whole[edges].astype(np.float32))
