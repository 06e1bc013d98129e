"""Normalise: from colours, which lamp and camera make, to contrast, which the chip makes."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.background import find_background
from service.vision.decode import Tile
from service.vision.sharpness import measure_sharpness

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
