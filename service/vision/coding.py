"""Coding: contrast in 8 bits without most of its noise, and how much noise is left."""

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from service.vision.normalise import Normalised

# Contrast in 8 bits: ZERO + LEVELS * contrast. A step is 0.005, far below one layer; the range is
# -1 to +0.27, since thin graphene is darker than usual oxides or hardly brighter: what lies above
# is thick or gold and need not be told apart.
LEVELS = 200
ZERO = 200

SQUARE = np.ones((3, 3), np.uint8)
# Where green noise alone spans this much over three pixels, a third of the steepest pixel of a
# one-layer step, narrow gaps are given up for less noise.
NOISY_STEP = 0.05
# One bare cell in so many is enough to measure noise by, and so many cells at least.
STRIDE = 5
ENOUGH = 100

Coded = NDArray[np.uint8]
Limits = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise of a coded tile: what it leaves of steps and levels.

    Attributes
    ----------
    step : (3,) float64
        Largest coded step within three pixels of a flat place, from the noise of this tile.
    level : (3,) float64
        Largest distance of coded bare substrate from ZERO.
    """

    step: Limits
    level: Limits


class Code(Protocol):
    """A tile's contrast, coded where it is asked for."""

    @property
    def noise(self) -> Noise:
        """Of this tile."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Rows and columns."""

    def half(self) -> Coded:
        """Halve the rows and columns of all of it, (ceil(h / 2), ceil(w / 2), 3)."""

    def cut(self, rows: slice, columns: slice) -> Coded:
        """Cut out a part of it, ZERO + LEVELS * contrast."""


def code(normalised: Normalised, least: Limits) -> Code:
    """Code a tile.

    Parameters
    ----------
    least : (2, 3) float64
        Contrasts that `step` and `level` are at least.
    """
    width_px = 3
    noise = _noise(normalised, least, width_px)
    if noise.step[1] > NOISY_STEP * LEVELS:
        width_px = 5
        noise = _noise(normalised, least, width_px)
    return _Plain(normalised, noise, width_px)


def enlarge(code: Code, bare: NDArray[np.bool_], least: Limits) -> Code:
    """Enlarge a code to twice as many pixels each way."""
    height, width = code.size_px
    small = code.cut(slice(0, height), slice(0, width))
    coded = np.asarray(cv2.resize(small, None, fx=2, fy=2), np.uint8)
    row, column = _places(bare, coded.shape)
    return _Enlarged(small, coded, Noise(*_limits(_windows(coded, row, column, 3), least)))


@dataclass(frozen=True, slots=True, eq=False)
class _Plain:
    normalised: Normalised
    noise: Noise
    width_px: int

    @property
    def size_px(self) -> tuple[int, int]:
        height, width = self.normalised.pixels.shape[:2]
        return height, width

    def half(self) -> Coded:
        height, width = (-(-side // 2) for side in self.size_px)
        reduced = self.normalised.half
        if reduced is None:
            pixels, odd = self.normalised.pixels, (0, self.size_px[0] % 2, 0, self.size_px[1] % 2)
            if any(odd):
                pixels = cv2.copyMakeBorder(pixels, *odd, cv2.BORDER_REPLICATE)
            reduced = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        background, cell_px = self.normalised.background, self.normalised.cell_px
        size = (background.shape[1] * cell_px // 2, background.shape[0] * cell_px // 2)
        light = cv2.resize(background, size if cell_px > 1 else (width, height))
        return _ratio(reduced, np.asarray(light[:height, :width], np.float32))

    def cut(self, rows: slice, columns: slice) -> Coded:
        light = self.normalised.background_at(rows, columns)
        ratio = _ratio(self.normalised.pixels[rows, columns], light)
        return np.asarray(cv2.medianBlur(ratio, self.width_px), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Enlarged:
    small: Coded
    coded: Coded
    noise: Noise

    @property
    def size_px(self) -> tuple[int, int]:
        height, width = self.coded.shape[:2]
        return height, width

    def half(self) -> Coded:
        return self.small

    def cut(self, rows: slice, columns: slice) -> Coded:
        return self.coded[rows, columns]


def _ratio(pixels: NDArray[Any], background: NDArray[np.float32]) -> Coded:
    return np.asarray(cv2.divide(pixels, background, scale=LEVELS, dtype=cv2.CV_8U), np.uint8)


def _noise(normalised: Normalised, least: Limits, width_px: int) -> Noise:
    """Noise of a tile that is not coded yet: only where it is measured it is coded for it."""
    row, column = _places(normalised.bare, normalised.pixels.shape)
    if not len(row):
        return Noise(*_limits(np.zeros((3, 0, 3), np.uint8), least))
    side = width_px + 2
    seen = _windows(normalised.pixels, row, column, side)
    light = normalised.background[row // normalised.cell_px, column // normalised.cell_px]
    # Over so few pixels light hardly varies.
    wide = np.broadcast_to(np.repeat(light, side, axis=0), seen.shape)
    coded = cv2.medianBlur(_ratio(seen, np.ascontiguousarray(wide)), width_px)
    windows = coded.reshape(side, -1, side, 3)[width_px // 2 :, :, width_px // 2 :][:3, :, :3]
    return Noise(*_limits(np.ascontiguousarray(windows, np.uint8).reshape(3, -1, 3), least))


def _places(bare: NDArray[np.bool_], shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows and columns in the middle of bare cells, far from whatever lies in the next cell."""
    at = np.flatnonzero(np.asarray(cv2.erode(bare.view(np.uint8), SQUARE)).view(np.bool_))
    rows, columns = np.divmod(at[::STRIDE] if len(at) >= ENOUGH else at[:0], bare.shape[1])
    row = (rows * 2 + 1) * shape[0] // (2 * bare.shape[0])
    column = (columns * 2 + 1) * shape[1] // (2 * bare.shape[1])
    return row, column


def _windows(
    image: NDArray[Any], row: NDArray[Any], column: NDArray[Any], side: int
) -> NDArray[Any]:
    """Square windows around pixels, side by side in one image (side, n * side, 3)."""
    shape = (image.shape[0] - side + 1, image.shape[1] - side + 1, side, side, 3)
    windows = as_strided(image, shape, (*image.strides[:2], *image.strides), writeable=False)
    top = np.clip(row - side // 2, 0, shape[0] - 1)
    left = np.clip(column - side // 2, 0, shape[1] - 1)
    return np.asarray(windows[top, left].transpose(1, 0, 2, 3).reshape(side, -1, 3))


def _limits(windows: Coded, least: Limits) -> tuple[Limits, Limits]:
    """Largest step of a flat place and largest contrast of the substrate, from this tile's noise.

    Measured on the bare substrate itself, so that JPEG blocks and chroma noise are in them.

    Parameters
    ----------
    windows : (3, 3 n, 3) uint8
        Coded contrast of n bare places of 3 x 3 pixels, side by side.
    """
    step, level = least * LEVELS
    if not windows.size:
        return step, level
    span = cv2.morphologyEx(windows, cv2.MORPH_GRADIENT, SQUARE)[1, 1::3]
    away = cv2.absdiff(windows[1, 1::3], np.full((1, 3), ZERO, np.uint8).repeat(len(span), axis=0))
    return (
        np.maximum(step, _percentile(span, 99)),
        # Noise comes in clumps: a third more than what one pixel in 200 has.
        np.maximum(level, 1.3 * _percentile(away, 99.5)),
    )


def _percentile(colours: NDArray[Any], share: float) -> Limits:
    # Channel by channel in memory it takes a third of the time.
    return np.asarray(np.percentile(np.ascontiguousarray(colours.T), share, axis=1))
