"""Border: along how much of its outline a candidate ends as sharply as the optics show an edge."""

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import Candidate
from service.vision.normalise import Normalised

# A reduced tile's edges spread over about two pixels: what lies so far inside and outside an
# outline, in its pixels, is free of them.
BESIDE_PX = 2.5
# An edge makes at least half of a flake's contrast between the two, to bare substrate or to another
# number of layers; what fades (a halo, dust out of focus, a vignette) makes a quarter.
STEP = 0.5
# Outlines are judged by stretches of so many pixels: fewer are noise.
STRETCH_PX = 15
# Normals are those of the outline smoothed over so many pixels, for it runs along their borders.
SMOOTH_PX = 5
# So many places of an outline are enough.
MOST_PLACES = 240


def edge_share(
    candidate: Candidate, normalised: Normalised, contrast_rgb: tuple[float, float, float]
) -> float:
    """Share of a candidate's outline that is a sharp edge, from 0 to 1; the tile's border is none.

    Where the tile's border cuts all of the outline there is nothing to judge: 1.
    """
    outline = _outline(candidate, normalised.reduction)
    height, width = normalised.pixels.shape[:2]
    if len(outline) < 3:
        return 1.0
    tangent = np.roll(outline, -SMOOTH_PX, axis=0) - np.roll(outline, SMOOTH_PX, axis=0)
    length = np.linalg.norm(tangent, axis=1).clip(1e-6)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / length[:, None]
    inner, outer = outline + BESIDE_PX * normal, outline - BESIDE_PX * normal
    size = np.array([width, height])
    within = ((inner >= 0) & (inner < size) & (outer >= 0) & (outer < size)).all(axis=1)
    if not within.any():
        return 1.0
    step = _seen(inner, normalised, contrast_rgb) - _seen(outer, normalised, contrast_rgb)
    # A closed outline's stretches go on at its beginning.
    spacing = max(len(outline) * STRETCH_PX // max(_length_px(outline), 1), 1)
    wide = np.concatenate([step[-spacing:], step, step[:spacing]])
    stretch = np.convolve(wide, np.ones(spacing) / spacing, "same")[spacing : spacing + len(step)]
    return float(np.mean(np.abs(stretch[within]) >= STEP))


def _outline(candidate: Candidate, step: int) -> NDArray[np.float64]:
    """Places along the outer outline, smoothed, in reduced pixels of the tile, (n, 2) as (x, y)."""
    mask = np.pad(candidate.mask[step // 2 :: step, step // 2 :: step].astype(np.uint8), 1)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.zeros((0, 2))
    line = max(contours, key=len).reshape(-1, 2).astype(np.float64)
    kernel = np.ones(SMOOTH_PX) / SMOOTH_PX
    around = np.concatenate([line[-SMOOTH_PX:], line, line[:SMOOTH_PX]])
    smooth = np.stack([np.convolve(side, kernel, "same") for side in around.T], axis=1)
    smooth = smooth[SMOOTH_PX:-SMOOTH_PX][:: max(len(line) // MOST_PLACES, 1)]
    return smooth - 1 + np.array([candidate.x, candidate.y]) / step


def _length_px(outline: NDArray[np.float64]) -> int:
    return int(np.linalg.norm(outline - np.roll(outline, 1, axis=0), axis=1).sum())


def _seen(
    places: NDArray[np.float64], normalised: Normalised, contrast_rgb: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Share of the way from bare substrate (0) to a contrast (1) at some places."""
    height, width = normalised.pixels.shape[:2]
    total = np.zeros((len(places), 3))
    # Four pixels around each place: noise halves, and no edge is that near.
    for down, along in ((0, 0), (0, 1), (1, 0), (1, 1)):
        column = np.clip(np.floor(places[:, 0]).astype(np.int64) + along, 0, width - 1)
        row = np.clip(np.floor(places[:, 1]).astype(np.int64) + down, 0, height - 1)
        cell = normalised.cell_px
        light = normalised.background[row // cell, column // cell]
        total += normalised.pixels[row, column] / light - 1
    direction = np.asarray(contrast_rgb)
    return np.asarray(total / 4 @ direction / max(float(direction @ direction), 1e-9))
