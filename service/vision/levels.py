"""Levels: the even colours that a tile shows, with the light that falls on all of them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import largest

# Darker than this the camera sees nothing; brighter is cut off.
DARKEST, BRIGHTEST = 0.02, 0.995
# As far as the optics blur an edge, in pixels of the tile.
EDGE_PX = 8
# What the channels may change by over an edge's width on a flat place, in log intensity: so many
# times what noise makes, at least what uneven light does; in red and green less than half of what
# one layer darkens one of the two by. Blue has the most noise and tells the least.
SPANS, LEAST_SPAN, MOST_SPAN = 2.5, 0.03, np.array((0.05, 0.05, 0.1))
# Noisier pictures are smoothed by ever larger medians, which keep edges, coded in steps of 0.005,
# until what is usual is so far below the most.
MEDIANS_PX = (3, 5, 7, 9, 11)
CODE = 200
QUIET = 0.7
# The light is first told by differences over so many edges' widths, where no edge is in the way.
REACH = 2
# What the terms of the light's logarithm are up to, by their order (slopes, parabolas, the rest): a
# vignette is nearly a parabola, and what bends more over a tile is rather a flake.
FALLS = (0.5, 0.5, 0.1)
# Least error of a difference, and how many times its usual error a difference may have: what has
# more crosses dust or an edge.
LEAST_ERROR, OUTLIER = 0.002, 2.5
# Levels are peaks of the flat places' red and green, in steps of this log intensity, blurred by so
# many of them: half a layer apart they are two. Peaks below this share of the picture are none.
BIN, BLUR, PEAK_BINS = 0.01, 1.2, 7
PEAK_SHARE = 0.002
MOST_LEVELS = 12
# Further from its level's colour than this a pixel is something else (dust, a blurred edge); blue
# has twice the noise.
AWAY = np.array((0.04, 0.04, 0.08))
# Fewer flat places are no level.
LEAST_PX = 12
# Order of the surface that follows the light.
ORDER = 4
# Differences that dust or a leaking edge makes are left out in the second round.
ROUNDS = 2
# What keeps terms small, by their order, where levels alone are weighed against them.
RIDGES = (1e-4, 1e-3, 1e-2)
# Every third pixel each way is enough to fit 15 coefficients.
STRIDE = 3
# Of a larger picture so many rows, or columns, tell its levels.
SAMPLED_PX = 40

Array = NDArray[Any]  # float32, which OpenCV does not promise in its types
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Places of a small picture, on a grid.

    Attributes
    ----------
    log : (h, w, 3) float32
        Log intensity, smoothed where the picture is noisy.
    flat, inner : (h, w) bool
        Where no edge is, and where none is near.
    grid : (slice, slice)
        Their rows and columns on the picture.
    """

    log: Array
    flat: Mask
    inner: Mask
    grid: tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Even colours of a tile under one light.

    Log intensity at a flat place is `light` there plus the `colour` of its level.

    Attributes
    ----------
    light : (h, w, 3) float32
        Log of how the light varies; 0 on the mean over all flat places.
    colour : (n, 3) float64
        Log intensity of each level, the largest first.
    share : (n,) float64
        Share of the picture that lies in flat areas of each level.
    label : (rows, columns) int32
        Level of each flat place of a grid over the picture, from 0; -1 elsewhere.
    """

    light: Array
    colour: NDArray[np.float64]
    share: NDArray[np.float64]
    label: NDArray[np.int32]


def find_levels(pixels: Array, cell_px: int) -> Levels | None:
    """Levels of a small picture, (h, w, 3), full scale = 1; None where nothing on it is flat.

    The light is fitted to what changes where no edge is, never to what changes across one, and then
    with a colour for each level, so that it cannot follow a flake, however large.

    Parameters
    ----------
    cell_px : int
        Pixels of the tile, each way, to one of these.
    """
    brightest = largest(pixels)
    seen = (brightest < BRIGHTEST) & (brightest > DARKEST)
    edge_px = max(EDGE_PX // cell_px // 2 * 2 + 1, 3)
    quiet, noise = _smooth(cv2.log(np.maximum(pixels, 1e-3)), seen, edge_px)
    flat = seen & _is_flat(quiet, noise, edge_px)
    if np.count_nonzero(flat) < LEAST_PX:
        return None
    light = _follow(quiet, flat, edge_px)
    flat = seen & _is_flat(quiet - light, noise, edge_px)
    # So many places tell colours and light as well as all do.
    step = max(min(flat.shape) // SAMPLED_PX, 1)
    grid = (slice(step // 2, None, step),) * 2
    sample = Sample(quiet[grid], flat[grid], _eroded(flat, edge_px)[grid], grid)
    label, _ = _peaks(sample.log - light[grid], sample.flat)
    light = _fit_light(sample, light, label)
    label, colour = _peaks(sample.log - light[grid], sample.flat)
    if not len(colour):
        return None
    count = np.bincount(label[label >= 0], minlength=len(colour)).astype(np.float64)
    return Levels(light, colour, count / label.size, label)


def _eroded(flat: Mask, edge_px: int) -> Mask:
    """Flat places without those beside an edge, which its blur still tilts."""
    around = np.ones((edge_px, edge_px), np.uint8)
    inner = np.asarray(cv2.erode(flat.view(np.uint8), around)).view(np.bool_)
    return inner if 2 * np.count_nonzero(inner) > np.count_nonzero(flat) else flat


def _smooth(log: Array, seen: Mask, edge_px: int) -> tuple[Array, NDArray[np.float64]]:
    """The picture smoothed so far that noise hides no layer, and what noise spans on it."""
    noise = _noise(log, seen, edge_px)
    coded = None
    for median_px in MEDIANS_PX:
        if (noise * SPANS <= QUIET * MOST_SPAN).all() or 4 * median_px > min(log.shape[:2]):
            break
        if coded is None:
            middle = np.median(log[seen], axis=0)
            coded = np.clip((log - middle) * CODE + 128, 0, 255).astype(np.uint8)
        smooth = np.asarray(cv2.medianBlur(coded, median_px), np.float32)
        log = ((smooth - 128) / CODE + middle).astype(np.float32)
        noise = _noise(log, seen, edge_px)
    return log, noise


def _noise(log: Array, seen: Mask, edge_px: int) -> NDArray[np.float64]:
    """What noise makes each channel span over an edge's width, whatever the slope of the light."""
    if min(log.shape[:2]) <= 2 * edge_px:
        return np.zeros(3)
    middle, before, after = (
        image[first:last:STRIDE, ::STRIDE]
        for image, first, last in (
            (log, edge_px, -edge_px),
            (log, 0, -2 * edge_px),
            (log, 2 * edge_px, None),
        )
    )
    bent = np.abs(2 * middle - before - after)[seen[edge_px:-edge_px:STRIDE, ::STRIDE]]
    # The median of three independent values' bend, to the range of nine of them.
    return (
        np.asarray(1.8 * np.median(np.ascontiguousarray(bent.T), axis=1))
        if len(bent)
        else np.zeros(3)
    )


def _is_flat(log: Array, noise: NDArray[np.float64], edge_px: int) -> Mask:
    """Where no channel changes over an edge's width by more than noise makes."""
    around = np.ones((edge_px, edge_px), np.uint8)
    planes = cv2.split(cv2.morphologyEx(log, cv2.MORPH_GRADIENT, around))
    most = np.clip(SPANS * noise, LEAST_SPAN, MOST_SPAN).tolist()
    within = [cv2.inRange(plane, 0.0, limit) for plane, limit in zip(planes, most, strict=True)]
    return cv2.bitwise_and(cv2.bitwise_and(within[0], within[1]), within[2]).view(np.bool_)


def _follow(log: Array, flat: Mask, edge_px: int) -> Array:
    """Light that changes as the picture does between flat places without an edge between them."""
    y, x, powers = _polynomials(*flat.shape)
    reach_px = REACH * edge_px
    bases, steps = [], []
    for down, along in ((reach_px, 0), (0, reach_px)):
        height, width = flat.shape[0] - down, flat.shape[1] - along
        clear = flat[:height, :width] & flat[down:, along:]
        clear &= flat[down // 2 : down // 2 + height, along // 2 : along // 2 + width]
        rows, columns = np.nonzero(clear[::STRIDE, ::STRIDE])
        rows, columns = rows * STRIDE, columns * STRIDE
        here = y[rows][:, powers[:, 0]] * x[columns][:, powers[:, 1]]
        there = y[rows + down][:, powers[:, 0]] * x[columns + along][:, powers[:, 1]]
        bases.append(there - here)
        steps.append(log[rows + down, columns + along] - log[rows, columns])
    basis, step = np.concatenate(bases), np.concatenate(steps).astype(np.float64)
    if len(basis) < len(powers):
        return np.zeros_like(log)
    total = powers.sum(axis=1)
    falls = np.where(total > 2, FALLS[2], np.where(total > 1, FALLS[1], FALLS[0]))
    kept = np.ones(len(basis), np.bool_)
    for _ in range(ROUNDS):
        error = np.maximum(1.4826 * np.median(np.abs(step[kept]), axis=0), LEAST_ERROR).max()
        # Neighbouring differences share their noise.
        ridge = np.diag((REACH * edge_px / STRIDE * error / falls) ** 2)
        own = basis[kept]
        solution = np.linalg.solve(own.T @ own + ridge, own.T @ step[kept])
        left = np.abs(step - basis @ solution)
        usual = np.maximum(1.4826 * np.median(left[kept], axis=0), LEAST_ERROR)
        kept = (left < OUTLIER * usual).all(axis=1)
    return _surface(y, x, powers, solution)


def _fit_light(sample: Sample, light: Array, label: NDArray[np.int32]) -> Array:
    """Least-squares polynomial of each channel, with a constant for each level."""
    y, x, powers = _polynomials(*light.shape[:2])
    own = np.flatnonzero(sample.inner & (label >= 0))
    if len(own) < 2 * len(powers):
        return light
    rows, columns = (
        part.ravel()[own]
        for part in np.meshgrid(
            np.arange(light.shape[0])[sample.grid[0]],
            np.arange(light.shape[1])[sample.grid[1]],
            indexing="ij",
        )
    )
    number = label.ravel()[own]
    basis = y[rows][:, powers[:, 0]] * x[columns][:, powers[:, 1]]
    values = sample.log.reshape(-1, 3)[own].astype(np.float64)
    count = int(number.max()) + 1
    basis = basis - _means(basis, number, count)[number]
    values = values - _means(values, number, count)[number]
    total = powers.sum(axis=1)
    ridge = np.diag(
        len(own) * np.where(total > 2, RIDGES[2], np.where(total > 1, RIDGES[1], RIDGES[0]))
    )
    solution = np.linalg.solve(basis.T @ basis + ridge, basis.T @ values)
    surface = _surface(y, x, powers, solution)
    return np.asarray(surface - surface[rows, columns].mean(axis=0))


def _surface(y: Array, x: Array, powers: Array, solution: Array) -> Array:
    side = int(powers.max()) + 1
    coefficients = np.zeros((side, side, 3))
    coefficients[powers[:, 0], powers[:, 1]] = solution
    surface = np.empty((len(y), len(x), 3), np.float32)
    for channel in range(3):
        surface[..., channel] = y @ coefficients[..., channel] @ x.T
    return surface


@lru_cache(maxsize=16)  # the tiles of a scan are of one size
def _polynomials(height: int, width: int) -> tuple[Array, Array, Array]:
    """Powers of y and of x, and the pairs that are terms."""
    y = np.linspace(-1, 1, height)[:, None] ** np.arange(ORDER + 1)
    x = np.linspace(-1, 1, width)[:, None] ** np.arange(ORDER + 1)
    powers = np.array([(j, i) for j in range(ORDER + 1) for i in range(ORDER + 1 - j) if i + j])
    return y, x, powers


def _means(values: Array, group: Array, count: int) -> NDArray[np.float64]:
    total = np.bincount(group, minlength=count).clip(1)
    sums = [np.bincount(group, column, minlength=count) for column in values.T]
    return np.asarray(np.stack(sums, axis=1) / total[:, None])


def _peaks(colours: Array, flat: Mask) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The level of each flat place, -1 elsewhere, and the levels' colours."""
    at = np.flatnonzero(flat)
    if not len(at):
        return np.full(flat.shape, -1, np.int32), np.zeros((0, 3))
    seen = colours.reshape(-1, 3)[at]
    bins = np.floor((seen[:, :2] + 7) / BIN).astype(np.int32)
    low = bins.min(axis=0) - PEAK_BINS
    size = bins.max(axis=0) + PEAK_BINS + 1 - low
    cell = (bins[:, 0] - low[0]) * size[1] + bins[:, 1] - low[1]
    counts = np.bincount(cell, minlength=size[0] * size[1]).astype(np.float32).reshape(size)
    counts = np.asarray(cv2.GaussianBlur(counts, (0, 0), BLUR))
    least = PEAK_SHARE * flat.size / (2 * np.pi * 3 * BLUR**2)
    around = np.ones((PEAK_BINS, PEAK_BINS), np.uint8)
    peaks = np.flatnonzero((counts == cv2.dilate(counts, around)) & (counts > least))
    peaks = peaks[np.argsort(-counts.ravel()[peaks], kind="stable")[:MOST_LEVELS]]
    middle = (np.stack(np.divmod(peaks, size[1]), axis=1) + low + 0.5) * BIN - 7
    number = np.full(len(at), -1, np.int32)
    best = np.full(len(at), AWAY[0], np.float32)
    for peak, (red, green) in enumerate(middle.tolist()):
        apart = np.maximum(np.abs(seen[:, 0] - red), np.abs(seen[:, 1] - green))
        closer = apart < best
        best[closer], number[closer] = apart[closer], peak
    present = np.unique(number[number >= 0])
    colour = np.array([np.median(seen[number == peak], axis=0) for peak in present])
    label = np.full(flat.shape, -1, np.int32)
    label.ravel()[at[number >= 0]] = np.searchsorted(present, number[number >= 0])
    return label, colour.reshape(-1, 3)
