"""Overlap: by how many pixels one tile lies beside another, read from what both of them show."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Texture = NDArray[np.float32]

# Longest side on which tiles are compared: finer detail is noise, and the time is bounded.
LONGEST_PX = 384
# Detail between these sizes is compared: below is noise and JPEG, above is the light.
FINEST_PX, COARSEST_PX = 1.0, 6.0
# The brightest edges of thick flakes may weigh as much as this many deviations of the rest.
MOST_DEVIATIONS = 6.0
# Both tiles have to show at least this share of a tile; less agrees with anything.
LEAST_SHARE = 0.02
# What stands still on all images is dust on the camera, not the chip.
STILL_PX = 3
# Where nothing is common the best place still is so many deviations above the rest.
LEAST_PEAK = 9.0
# The next best place, elsewhere, has to be worse by this: otherwise it is one of several.
MOST_SECOND = 0.75
# Two images of one thing agree at least so well; noise on both takes the rest.
LEAST_LIKENESS = 0.25
# So far apart are two places elsewhere: the width of what is compared.
ELSEWHERE_PX = 6


@dataclass(frozen=True, slots=True)
class Shift:
    """Shift from one tile to another where they overlap.

    Attributes
    ----------
    x_px, y_px : float
        The other's origin, in pixels of the one.
    likeness : float
        Correlation of what both show, up to 1.
    """

    x_px: float
    y_px: float
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Look of a tile for comparison with others: its detail, free of light and of most noise.

    Attributes
    ----------
    detail : (h, w) float32
        Reduced by `factor` each way; the standard deviation of its quiet part is about 1.
    grey : (height, width) uint16
        The tile in its full size; half as large as in float, as many are kept at once.
    """

    detail: Texture
    factor: float
    grey: NDArray[np.uint16]


def look_at(pixels: NDArray[Any]) -> Look:
    """Extract what of a tile, (height, width, 3) of any unsigned type, is compared with others."""
    # Green carries the contrast of thin flakes; the mean has less noise, and gold is in all.
    mean = pixels.mean(axis=2, dtype=np.float32)
    grey = (mean * (65535 / float(np.iinfo(pixels.dtype).max))).astype(np.uint16)
    height, width = grey.shape
    factor = max(1.0, max(height, width) / LONGEST_PX)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return Look(_detail(small), factor, grey)


def find_shift(
    one: Look, other: Look, near: tuple[float, float] | None = None, reach_px: float = 0.0
) -> Shift | None:
    """Find where the other tile lies; None where they show too little, or nothing, in common.

    Parameters
    ----------
    near, reach_px
        Look only so far around a place, in pixels; everywhere if left out.
    """
    if one.detail.shape != other.detail.shape or one.grey.shape != other.grey.shape:
        return None
    likeness, shared = _correlate(one.detail, other.detail)
    height, width = one.detail.shape
    rows, columns = _places(height), _places(width)
    allowed = shared >= LEAST_SHARE * height * width
    allowed &= (abs(rows)[:, None] > STILL_PX) | (abs(columns)[None, :] > STILL_PX)
    if not allowed.any():
        return None
    score = np.where(allowed, likeness * np.sqrt(shared), 0.0)
    # The spread of places that have nothing in common.
    score /= max(1.4826 * float(np.median(abs(score[allowed]))), 1e-9)
    if near is not None:
        away_x = abs(columns - near[0] / one.factor) <= max(reach_px / one.factor, 1)
        away_y = abs(rows - near[1] / one.factor) <= max(reach_px / one.factor, 1)
        score = np.where(away_y[:, None] & away_x[None, :], score, 0.0)
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    if not _is_clear(score, int(row), int(column)) or likeness[row, column] < LEAST_LIKENESS:
        return None
    x_px, y_px = columns[column] * one.factor, rows[row] * one.factor
    refined = _refine(one.grey, other.grey, round(x_px), round(y_px), one.factor)
    return Shift(*refined, float(likeness[row, column]))


def _detail(grey: NDArray[np.uint16]) -> Texture:
    # Of the logarithm: a step weighs the same under bright light and in a dark corner.
    small = cv2.log(np.maximum(grey, 64).astype(np.float32))
    fine = cv2.GaussianBlur(small, (0, 0), FINEST_PX) - cv2.GaussianBlur(small, (0, 0), COARSEST_PX)
    spread = 1.4826 * float(np.median(np.abs(fine)))
    if spread <= 0:
        return np.zeros(small.shape, np.float32)
    clipped = np.clip(fine / spread, -MOST_DEVIATIONS, MOST_DEVIATIONS)
    return np.asarray(clipped, np.float32)


def _places(side: int) -> NDArray[np.int64]:
    return np.arange(-side + 1, side)


def _correlate(one: Texture, other: Texture) -> tuple[Float, Float]:
    """Likeness at every place of the other, and how many pixels both show there.

    Each has 2 h - 1 rows and 2 w - 1 columns, for places from -h + 1 and -w + 1 on. The mean of
    the detail is 0 by its making.
    """
    height, width = one.shape
    size = (cv2.getOptimalDFTSize(2 * height - 1), cv2.getOptimalDFTSize(2 * width - 1))
    spectrum = np.fft.rfft2(one, size) * np.conj(np.fft.rfft2(other, size))
    # The negative places stand at the end.
    common = np.roll(np.fft.irfft2(spectrum, size), (height - 1, width - 1), (0, 1))
    common = common[: 2 * height - 1, : 2 * width - 1]
    power_one, power_other = _power(one, 1), _power(other, -1)
    rows, columns = height - abs(_places(height)), width - abs(_places(width))
    # A quiet part has no likeness: under a tenth of the usual power there is only noise.
    least = 0.1 * rows[:, None] * columns[None, :]
    likeness = common / np.sqrt(np.maximum(power_one, least) * np.maximum(power_other, least))
    return likeness, (rows[:, None] * columns[None, :]).astype(np.float64)


def _power(detail: Texture, sign: int) -> Float:
    """Sum of squares over the part that the other tile shows too, at every place of it."""
    sums = cv2.integral(np.asarray(detail, np.float64) ** 2)
    height, width = detail.shape
    rows, columns = sign * _places(height), sign * _places(width)
    top, bottom = np.maximum(rows, 0), height + np.minimum(rows, 0)
    left, right = np.maximum(columns, 0), width + np.minimum(columns, 0)
    power: Float = (
        sums[np.ix_(bottom, right)]
        - sums[np.ix_(top, right)]
        - sums[np.ix_(bottom, left)]
        + sums[np.ix_(top, left)]
    )
    return power


def _is_clear(score: Float, row: int, column: int) -> bool:
    peak = float(score[row, column])
    if peak < LEAST_PEAK:
        return False
    rest = score.copy()
    around = slice(max(row - ELSEWHERE_PX, 0), row + ELSEWHERE_PX + 1)
    rest[around, max(column - ELSEWHERE_PX, 0) : column + ELSEWHERE_PX + 1] = 0
    return float(rest.max()) <= MOST_SECOND * peak


def _refine(
    one: NDArray[np.uint16], other: NDArray[np.uint16], x: int, y: int, factor: float
) -> tuple[float, float]:
    """Refine a shift to a fraction of a pixel, from both tiles in their full size."""
    height, width = one.shape
    rows = slice(max(y, 0), height + min(y, 0))
    columns = slice(max(x, 0), width + min(x, 0))
    mine = one[rows, columns]
    others = other[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    # OpenCV takes the middle of an odd number of rows or columns half a pixel off.
    even = slice(mine.shape[0] // 2 * 2), slice(mine.shape[1] // 2 * 2)
    details = [np.asarray(_detail(part[even]), np.float64) for part in (mine, others)]
    window = cv2.createHanningWindow(details[0].shape[::-1], cv2.CV_64F)
    (by_x, by_y), _ = cv2.phaseCorrelate(details[1], details[0], window)
    # Farther than the coarse place is uncertain, the fine one has found something else.
    if max(abs(by_x), abs(by_y)) > 2 * factor:
        return float(x), float(y)
    return x + by_x, y + by_y
