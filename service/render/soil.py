"""Lay dirt on a grid of pixels: how thick the glue is and how it shades."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.render.chip import Line, Residue, Speck
from service.render.raster import fill
from service.render.truth import Window

FloatMap = NDArray[np.float32]
# Beyond this many radii a speck's effect is under one part in 10,000.
SPECK_REACH = 1.8
FRACTION_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Soil:
    """Dirt at each pixel of a window, (height, width) float32.

    Attributes
    ----------
    glue_nm
        Thickness of transparent glue.
    shade
        Factor on the brightness.
    """

    glue_nm: FloatMap
    shade: FloatMap


def lay_soil(
    residues: Sequence[Residue], specks: Sequence[Speck], lines: Sequence[Line], window: Window
) -> Soil:
    """Lay all dirt of a window; glue on glue adds up."""
    shape = (window.height_px, window.width_px)
    soil = Soil(np.zeros(shape, np.float32), np.ones(shape, np.float32))
    for residue in residues:
        _spread(soil.glue_nm, residue, window)
    for line in lines:
        _draw(soil, line, window)
    for speck in specks:
        _drop(soil, speck, window)
    return soil


def _spread(glue_nm: FloatMap, residue: Residue, window: Window) -> None:
    height, width = glue_nm.shape
    # Nothing of a soft film is finer than its edge: cells of a sixth of it are enough, and square
    # millimetres of blur then cost as little as square micrometres.
    cell = max(1, int(residue.softness_um / window.um_per_px / 6))
    softness = residue.softness_um / window.um_per_px / cell
    # The blur needs what lies beside the window too, or tiles would differ where they overlap.
    margin = int(np.ceil(3 * softness)) + 1
    around = Window(
        window.left_um - margin * cell * window.um_per_px,
        window.top_um - margin * cell * window.um_per_px,
        window.um_per_px * cell,
        -(-width // cell) + 2 * margin,
        -(-height // cell) + 2 * margin,
    )
    filled = fill(around.to_px(residue.polygon_um), around.width_px, around.height_px)
    if filled is None:
        return
    mask = np.pad(filled.mask.astype(np.float32), margin)
    soft = cv2.GaussianBlur(mask, (0, 0), max(softness, 0.3), borderType=cv2.BORDER_CONSTANT)
    left, top = filled.x - margin, filled.y - margin
    uneven = _waves(residue.waves, left, top, mask.shape, around)
    film = np.asarray(residue.thickness_nm * soft * uneven, np.float32)
    _add(glue_nm, film, left - margin, top - margin, cell)


def _add(glue_nm: FloatMap, film: FloatMap, left: int, top: int, cell: int) -> None:
    """Add a film in cells, whose corner lies at (left, top) cells, to the map in pixels."""
    height, width = glue_nm.shape
    rows = max(0, -top), min(film.shape[0], -(-height // cell) - top)
    columns = max(0, -left), min(film.shape[1], -(-width // cell) - left)
    if rows[0] >= rows[1] or columns[0] >= columns[1]:
        return
    part = film[rows[0] : rows[1], columns[0] : columns[1]]
    x, y = (left + columns[0]) * cell, (top + rows[0]) * cell
    if cell > 1:
        fine = cv2.resize(part, None, fx=cell, fy=cell, interpolation=cv2.INTER_LINEAR)
        part = np.asarray(fine, np.float32)
    onto = glue_nm[y : y + part.shape[0], x : x + part.shape[1]]
    onto += part[: onto.shape[0], : onto.shape[1]]


def _waves(
    waves: NDArray[np.float64], left: int, top: int, shape: tuple[int, ...], cells: Window
) -> FloatMap:
    x = cells.left_um + (left + 0.5 + np.arange(shape[1])) * cells.um_per_px
    y = cells.top_um + (top + 0.5 + np.arange(shape[0])) * cells.um_per_px
    total = np.ones(shape, np.float32)
    for kx, ky, phase, amplitude in waves.tolist():
        # sin(a + b) from the sines of rows and columns: no sine of a whole image.
        along, down = kx * x + phase, ky * y
        total += (
            amplitude * np.sin(along) * np.cos(down)[:, None]
            + amplitude * np.cos(along) * np.sin(down)[:, None]
        ).astype(np.float32)
    return total


def _draw(soil: Soil, line: Line, window: Window) -> None:
    points = window.to_px(line.points_um)
    width_px = line.width_um / window.um_per_px
    margin = int(np.ceil(width_px)) + 2
    height, width = soil.shade.shape
    left, top = np.maximum(np.floor(points.min(axis=0)).astype(int) - margin, 0).tolist()
    right, bottom = (np.ceil(points.max(axis=0)).astype(int) + margin).tolist()
    where = slice(top, min(bottom, height)), slice(left, min(right, width))
    if where[0].start >= where[0].stop or where[1].start >= where[1].stop:
        return
    ink = np.zeros(soil.shade[where].shape, np.uint8)
    corners = np.round((points - (left + 0.5, top + 0.5)) * 2**FRACTION_BITS).astype(np.int32)
    drawn_px = max(1, round(width_px))
    cv2.polylines(ink, [corners], False, 255, drawn_px, cv2.LINE_AA, FRACTION_BITS)
    # A line narrower than a pixel is drawn a pixel wide and fainter.
    strength = ink.astype(np.float32) * (min(1.0, width_px / drawn_px) / 255)
    soil.shade[where] *= 1 + line.effect * strength
    soil.glue_nm[where] += line.residue_nm * strength


def _drop(soil: Soil, speck: Speck, window: Window) -> None:
    (x, y), *_ = window.to_px(np.array([[speck.x_um, speck.y_um]])).tolist()
    radius = speck.radius_um / window.um_per_px
    reach = SPECK_REACH * radius
    height, width = soil.shade.shape
    left, right = max(0, int(x - reach)), min(width, int(x + reach) + 2)
    top, bottom = max(0, int(y - reach)), min(height, int(y + reach) + 2)
    if left >= right or top >= bottom:
        return
    across = (np.arange(left, right, dtype=np.float32) + (0.5 - x)) / radius
    down = (np.arange(top, bottom, dtype=np.float32) + (0.5 - y)) / radius
    # The fourth power: flat in its middle, steeper than a bell at its rim.
    profile = np.exp(-np.square(across**2 + (down**2)[:, None]))
    soil.shade[top:bottom, left:right] *= 1 + speck.effect * profile
    soil.glue_nm[top:bottom, left:right] += speck.residue_nm * profile
