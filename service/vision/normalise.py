"""Normalise: from colours, which lamp and camera make, to contrast, which the chip makes."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.background import find_background
from service.vision.decode import Tile

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


Pixels = NDArray[Any]  # uint8 or uint16 as decoded, float32 after a flat field

# Less than this of any channel's full scale is taken for black: contrast to it means nothing.
BLACK = 1e-3
# Pixels of the tile, each way, to one of the image on which the background is sought: at most so
# many, and fewer where less than this would be left of its shorter side.
CELL_PX = 8
LEAST_CELLS = 40
# One pixel of one bare cell in so many is enough to measure noise by.
NOISE_STRIDE = 16


@dataclass(frozen=True, slots=True)
class Light:
    """Light of a tile: how it was lit and how well it shows the bare substrate.

    Attributes
    ----------
    background_rgb : (r, g, b)
        Bare substrate in the middle of the tile, 1 = full scale of the camera.
    noise_rgb : (r, g, b)
        Standard deviation of the contrast of one pixel of bare substrate.
    bare_fraction : float
        Share of the tile that is bare substrate.
    focus : float
        Sharpness of the edges on the tile, 0 where it has none; comparable within one scan only.
    substrate_probability : float
        How sure it is which of the tile's colours is the bare substrate.
    doubt : str or None
        In words, why nothing that was found on the tile should be trusted.
    """

    background_rgb: tuple[float, float, float]
    noise_rgb: tuple[float, float, float]
    bare_fraction: float
    focus: float
    substrate_probability: float = 1.0
    doubt: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """A tile and its bare substrate's colour everywhere: together they give contrast.

    Attributes
    ----------
    pixels : (height // reduction, width // reduction, 3)
        The tile, flat-fielded where a flat field was given.
    background : (rows, columns, 3) float32
        What the pixels would be if no flake lay there, in the same unit: one value for the middle
        of each `cell_px` x `cell_px` pixels, from the top left on. Light varies slowly.
    reduction : int
        Tile pixels per pixel here, each way. 1 where the image is as sharp as its pixels; more
        where the optics blur over many pixels, which then carry nothing but noise.
    bare : (height // 8, width // 8) bool
        Where the bare substrate is seen; light varies slowly, so this is fine enough.
    light : Light
    cell_px : int
        Pixels per value of `background`, each way.
    half : (height // 2, width // 2, 3) or None
        `pixels` with half their rows and columns, where they were made on the way.
    """

    pixels: Pixels
    background: NDArray[np.float32]
    reduction: int
    bare: NDArray[np.bool_]
    light: Light
    cell_px: int = 1
    half: Pixels | None = None

    def contrast(self, x: int, y: int, width: int, height: int) -> NDArray[np.float32]:
        """Contrast of a rectangle of the tile, in tile pixels: (height, width, 3) float32.

        Contrast is pixel / background - 1 per channel, R, G, B.
        """
        step = self.reduction
        rows = slice(y // step, -(-(y + height) // step))
        columns = slice(x // step, -(-(x + width) // step))
        contrast = self.reduced_contrast(rows, columns)
        if step > 1:
            last_row, last_column = contrast.shape[0] - 1, contrast.shape[1] - 1
            row = np.minimum(np.arange(y, y + height) // step - rows.start, last_row)
            column = np.minimum(np.arange(x, x + width) // step - columns.start, last_column)
            contrast = contrast[row[:, None], column[None, :]]
        return contrast

    def reduced_contrast(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Contrast of a rectangle of `pixels`."""
        light = self.background_at(rows, columns)
        ratio = cv2.divide(self.pixels[rows, columns], light, dtype=cv2.CV_32F)
        contrast = np.asarray(ratio, np.float32)
        contrast -= 1
        return contrast

    def background_at(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Background of a rectangle of `pixels`, one value a pixel."""
        cell = self.cell_px
        if cell == 1:
            return self.background[rows, columns]
        # With one cell more on each side, interpolation is the same as on the whole tile.
        top, left = max(rows.start // cell - 1, 0), max(columns.start // cell - 1, 0)
        part = self.background[top : -(-rows.stop // cell) + 1, left : -(-columns.stop // cell) + 1]
        wide = cv2.resize(part, None, fx=cell, fy=cell, interpolation=cv2.INTER_LINEAR)
        first_row, first_column = top * cell, left * cell
        return np.asarray(
            wide[
                rows.start - first_row : rows.stop - first_row,
                columns.start - first_column : columns.stop - first_column,
            ],
            np.float32,
        )


def normalise(tile: Tile, flat_field: NDArray[np.float32] | None = None) -> Normalised:
    """Normalise a tile by the colour of its bare substrate at every pixel.

    Parameters
    ----------
    flat_field : (height, width, 3) float32, optional
        An image of empty substrate under the same light, of any brightness.
    """
    pixels: Pixels = tile.pixels
    full_scale = _full_scale(pixels)
    if flat_field is not None:
        even = np.maximum(flat_field / flat_field.mean(axis=(0, 1)), BLACK).astype(np.float32)
        pixels = cv2.divide(pixels, even, dtype=cv2.CV_32F)
    # In two steps: at once takes twice the time. The second in float: rounding twice is biased.
    half = _reduce(pixels, 2)
    cell_px = _cell_px(pixels.shape)
    small = _reduce(half.astype(np.float32), cell_px // 2) if cell_px > 1 else pixels
    small = small.astype(np.float32) / full_scale
    found = find_background(small, tile.known, cell_px)
    surface, bare = found.surface, found.bare
    surface = np.maximum(surface, BLACK) * np.float32(full_scale)
    middle = surface[surface.shape[0] // 2, surface.shape[1] // 2]
    sharpness = measure_sharpness(pixels, level=float(middle[1]))
    is_half = sharpness.reduction == 1 and not (pixels.shape[0] % 2 or pixels.shape[1] % 2)
    pixels = half if sharpness.reduction == 2 else _reduce(pixels, sharpness.reduction)
    red, green, blue = (middle / full_scale).tolist()
    light = Light(
        background_rgb=(red, green, blue),
        noise_rgb=_noise(pixels, surface, bare),
        bare_fraction=float(bare.mean()),
        focus=sharpness.focus,
        substrate_probability=found.choice.probability,
        doubt=found.choice.doubt,
    )
    cell_px = max(cell_px // sharpness.reduction, 1)
    background = _on_cells(surface, pixels.shape[0], pixels.shape[1], cell_px)
    return Normalised(
        pixels,
        background,
        sharpness.reduction,
        bare,
        light,
        cell_px,
        half if is_half else None,
    )


def _cell_px(shape: tuple[int, ...]) -> int:
    cell_px = CELL_PX
    while cell_px > 1 and min(shape[:2]) < LEAST_CELLS * cell_px:
        cell_px //= 2
    return cell_px


def _on_cells(surface: Pixels, height: int, width: int, cell_px: int) -> NDArray[np.float32]:
    """Resize the surface to one value per cell of an image, the cut ones at its end included."""
    size = (-(-width // cell_px), -(-height // cell_px))
    if (surface.shape[1], surface.shape[0]) != size:
        surface = cv2.resize(surface, size)
    return np.asarray(surface, np.float32)


def _full_scale(pixels: Pixels) -> float:
    """Largest number the camera can give: 10, 12 or 14 bits often come in 16."""
    if pixels.dtype == np.uint8:
        return 255.0
    return float(2 ** max(int(pixels.max()).bit_length(), 8) - 1)


def _reduce(pixels: Pixels, factor: int) -> Pixels:
    """Mean of each factor x factor block; what is left over at the right and bottom is dropped."""
    if factor == 1:
        return pixels
    height, width = max(pixels.shape[0] // factor, 1), max(pixels.shape[1] // factor, 1)
    whole = pixels[: height * factor, : width * factor]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)


def _noise(
    pixels: Pixels, surface: NDArray[Any], bare: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Spread of single pixels of bare substrate."""
    at = np.flatnonzero(bare)
    if len(at) < 30:
        return (0.0, 0.0, 0.0)
    rows, columns = np.divmod(at[::NOISE_STRIDE], bare.shape[1])
    row = (rows * pixels.shape[0]) // bare.shape[0]
    column = (columns * pixels.shape[1]) // bare.shape[1]
    sample = pixels[row, column] / surface[rows, columns]
    away = sample - _median(sample)
    # Neither the dust in the sample nor the steps of 8 bits may make the spread.
    most = 4 * np.maximum(_median(np.abs(away)), 1 / 256)
    red, green, blue = np.clip(away, -most, most).std(axis=0).tolist()
    return (red, green, blue)


def _median(colours: NDArray[Any]) -> NDArray[Any]:
    # Channel by channel in memory it takes a third of the time.
    return np.asarray(np.median(np.ascontiguousarray(colours.T), axis=1))
