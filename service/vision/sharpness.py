"""Measure how sharp a tile is: over how many pixels its edges spread, and which reduction fits."""

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
# One in some ten million of pairs of noisy pixels differs by more than so many standard deviations.
ABOVE_NOISE = 5.3
NOISE_STRIDE = 4
# Share of an edge's step that its steepest pixel makes (lower quartile over all edges), down to
# which a picture is as sharp as its pixels, and down to which half its pixels would do. Sharp 20x
# tiles measure 0.35-0.52, tiles of 0.13-0.19 um/px, oversampled three times, 0.22-0.25.
SHARP, SOFT = 0.30, 0.15
# Standard deviation of the blur, in pixels, up to which a reduction brings an edge back to about
# two pixels. The steepest pixel of such an edge makes 0.4 / blur of its step. No objective in focus
# blurs over more than the last: those are halos, or a tile out of focus, which must stay soft.
REDUCTIONS = ((1.33, 1), (2.67, 2), (3.6, 3), (5.3, 4), (8.0, 6), (np.inf, 1))
# Tiles without strong edges are measured on faint ones, of at least this step: the gradient of a
# blur by each of the two standard deviations tells the blur that was there before.
FAINT = 0.05
FINE, WIDE = 1.5, 4.0
# These two tell no more than this from a halo, which fades over ten pixels and more.
MOST_FAINT_PX = 5.3
# On so many windows of this many pixels, those of the steepest places.
WINDOWS, WINDOW_PX = 48, 48


@dataclass(frozen=True, slots=True)
class Sharpness:
    """Sharpness of a tile's edges.

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
    green = pixels[..., 1]
    rows, columns = green[::STRIDE], np.ascontiguousarray(green[:, ::STRIDE]).T
    steepness = np.concatenate([_steepness(lines, level) for lines in (rows, columns)])
    if len(steepness) < ENOUGH:
        return Sharpness(_reduction(_faint_blur_px(green, level)), 0.0)
    quartile, median = np.percentile(steepness, [25, 50]).tolist()
    if quartile >= SOFT:
        return Sharpness(1 if quartile >= SHARP else 2, median)
    # So soft an edge is wider than the span over which steps are taken: seen from further away.
    half = cv2.resize(green, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Sharpness(_reduction(2 * _blur_px(half, level)), median)


def _reduction(blur_px: float) -> int:
    return next(reduction for most_px, reduction in REDUCTIONS if blur_px <= most_px)


def _blur_px(green: NDArray[Any], level: float) -> float:
    """Blur of strong edges; where they are wider than the span, of the picture at half its size."""
    steepness = np.concatenate(
        [_steepness(lines, level) for lines in (green[:: STRIDE // 2], green.T[:: STRIDE // 2])]
    )
    if len(steepness) < ENOUGH:
        return REDUCTIONS[1][0]
    quartile = float(np.percentile(steepness, 25))
    if quartile >= SOFT or min(green.shape) < 8 * SPAN:
        return 0.4 / quartile
    half = cv2.resize(green, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return 2 * _blur_px(half, level)


def _faint_blur_px(green: NDArray[Any], level: float) -> float:
    """Blur of the clearest faint edges, 0 where there are none."""
    if level <= 0:
        return 0.0
    ratios = []
    for window in _steep_windows(green, level):
        seen = window.astype(np.float32) / np.float32(level)
        fine, wide = cv2.GaussianBlur(seen, (0, 0), FINE), cv2.GaussianBlur(seen, (0, 0), WIDE)
        across, down = _gradient(wide)
        size = np.hypot(across, down)
        edge = size > max(float(size.max()) / 2, FAINT / (WIDE * 4))
        edge &= size >= cv2.dilate(size, np.ones((3, 3), np.uint8))
        fine_across, fine_down = _gradient(fine)
        along = (fine_across * across + fine_down * down) / np.maximum(size, 1e-9)
        ratios.append(np.stack([along[edge], size[edge]], axis=1))
    edges = np.concatenate(ratios) if ratios else np.zeros((0, 2))
    if len(edges) < ENOUGH // 5:
        return 0.0
    # Peaks of a step blurred by b and by s are as 1 / sqrt(b^2 + s^2).
    ratio = float(edges[:, 0].sum() / edges[:, 1].sum())
    squared = (WIDE**2 - ratio**2 * FINE**2) / max(ratio**2 - 1, 1e-3)
    blur_px = float(np.sqrt(max(squared, 0)))
    return blur_px if blur_px <= MOST_FAINT_PX else 0.0


def _steep_windows(green: NDArray[Any], level: float) -> list[NDArray[Any]]:
    """Windows in whose middle the picture is steepest, one a place."""
    side = WINDOW_PX
    size = (max(green.shape[1] // (side // 4), 1), max(green.shape[0] // (side // 4), 1))
    small = cv2.resize(green, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    span = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    top = span == cv2.dilate(span, np.ones((3, 3), np.uint8))
    at = np.flatnonzero(top & (span > FAINT * level))
    at = at[np.argsort(-span.ravel()[at], kind="stable")[:WINDOWS]]
    found = []
    for row, column in zip(*np.divmod(at, size[0]), strict=True):
        y = min(max(int((row + 0.5) * side / 4) - side // 2, 0), max(green.shape[0] - side, 0))
        x = min(max(int((column + 0.5) * side / 4) - side // 2, 0), max(green.shape[1] - side, 0))
        found.append(green[y : y + side, x : x + side])
    return found


def _gradient(image: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return cv2.Scharr(image, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(
        image, cv2.CV_32F, 0, 1, scale=1 / 32
    )


def _steepness(lines: NDArray[Any], level: float) -> NDArray[Any]:
    if lines.shape[1] <= SPAN or level <= 0:
        return np.zeros(0, np.float32)
    lines = np.ascontiguousarray(lines)
    steps = cv2.absdiff(lines[:, 1:], lines[:, :-1])
    whole = cv2.absdiff(lines[:, SPAN:], lines[:, :-SPAN])
    steepest = cv2.dilate(steps, np.ones((1, SPAN), np.uint8), anchor=(0, 0))
    # Most of a tile is flat: what noise makes of two pixels there must not pass for an edge.
    noise = float(np.median(whole[::NOISE_STRIDE, :: 2 * NOISE_STRIDE])) / 0.6745
    least = max(EDGE * level, ABOVE_NOISE * noise)
    # Whole numbers compare with a whole one in a tenth of the time.
    edges = whole > (int(least) if whole.dtype.kind == "u" else least)
    return np.asarray(steepest[:, : whole.shape[1]][edges] / whole[edges].astype(np.float32))
