"""Draw dirt on a chip: glue, stains, dust, scratches, and how thick and dark they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.chip import Line, Residue, Speck
from service.render.shapes import blob, fill, shard
from service.render.truth import Window

Dirt = Residue | Speck | Line
Point = NDArray[np.float64]


def glue(rng: Generator, at: Point) -> list[Dirt]:
    """Residue of the tape: a ragged blob, or the rim that a lifted crystal left behind."""
    return _smear(rng, at) if rng.random() < 0.2 else _rim(rng, at)


def stain(rng: Generator, at: Point) -> Dirt:
    """Make a faint film of about a nanometre, of ragged shape."""
    radius = float(np.exp(rng.uniform(np.log(10), np.log(100))))
    outline = blob(rng, radius, rng.uniform(0.3, 1))
    softness = radius * rng.uniform(0.03, 0.4)
    thickness = float(np.exp(rng.uniform(np.log(0.1), np.log(1.5))))
    return Residue(outline + at, thickness, softness, _waves(rng, radius))


def dust(rng: Generator, at: Point) -> list[Dirt]:
    """Make a dark or bright grain, with a pale ring around it where it is out of focus."""
    x, y = at.tolist()
    radius = float(np.exp(rng.normal(np.log(0.4), 0.5)))
    grain = Speck(x, y, radius, float(rng.choice([-0.9, -0.5, 0.8], p=(0.5, 0.4, 0.1))))
    if rng.random() < 0.7:
        return [grain]
    ring = Speck(x, y, radius * rng.uniform(2, 4), rng.uniform(0.03, 0.15))
    return [ring, grain]


def scratch(rng: Generator, at: Point) -> list[Dirt]:
    """Make a long fine line, straight or bent, sometimes two beside each other."""
    length = float(np.exp(rng.uniform(np.log(20), np.log(300))))
    angle = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, rng.choice([0.01, 0.15]), 12))
    steps = length / 12 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = at + np.cumsum(steps, axis=0)
    effect = float(rng.choice([-1, 1]) * rng.uniform(0.04, 0.3))
    lines: list[Dirt] = [Line(points, rng.uniform(0.2, 0.8), effect)]
    if rng.random() < 0.3:
        lines.append(Line(points + rng.normal(0, 1.5, 2), 0.3, effect / 2))
    return lines


def _smear(rng: Generator, at: Point) -> list[Dirt]:
    radius = float(np.exp(rng.uniform(np.log(1), np.log(12))))
    outline = blob(rng, radius, rng.uniform(0.6, 1))
    thickness = float(np.exp(rng.uniform(np.log(3), np.log(80))))
    softness = rng.uniform(0.2, 0.6)
    parts: list[Dirt] = [Residue(outline + at, thickness, softness, _waves(rng, radius))]
    for _ in range(rng.poisson(8)):
        x, y = at + rng.normal(0, 1.5 * radius + 2, 2)
        size = float(np.exp(rng.normal(np.log(0.4), 0.4)))
        parts.append(Speck(float(x), float(y), size, 0, rng.uniform(10, 150)))
    return parts


def _rim(rng: Generator, at: Point) -> list[Dirt]:
    # Where a crystal came off with the tape, its outline stays as beads and threads of glue.
    length = rng.uniform(12, 110)
    outline = shard(rng, length, rng.uniform(1, 2), 0.05) + at
    closed = np.concatenate([outline, outline[:1]])
    parts: list[Dirt] = [Residue(outline, rng.uniform(0.05, 0.5), 0.5, _waves(rng, length))]
    strength = float(np.exp(rng.uniform(np.log(4), np.log(40))))
    beaded = rng.choice([0.02, 0.15, 0.4])
    for a, b in pairwise(closed):
        if rng.random() < 0.3:
            continue
        parts += _thread(rng, np.array([a, b]), strength * rng.uniform(0.3, 1), beaded)
    return parts


def _thread(rng: Generator, ends: NDArray[np.float64], glue_nm: float, beaded: float) -> list[Dirt]:
    # Glue runs together into beads: a thread is a row of short pieces of uneven strength.
    length = float(np.hypot(*(ends[1] - ends[0])))
    count = max(3, int(length / 2))
    along = np.linspace(0, 1, count)[:, None]
    bow = np.cumsum(rng.normal(0, 0.15, (count, 2)), axis=0)
    points = ends[0] + (ends[1] - ends[0]) * along + bow - along * bow[-1]
    parts: list[Dirt] = []
    for start in range(0, count - 1, 3):
        piece = points[start : start + 4]
        strength = glue_nm * float(rng.choice([0, 0.5, 1], p=(0.2, 0.4, 0.4)))
        parts.append(Line(piece, rng.uniform(0.25, 0.6), 0, strength))
    for x, y in points[rng.random(count) < beaded].tolist():
        size = float(np.exp(rng.normal(np.log(0.45), 0.5)))
        parts.append(Speck(x, y, size, 0, 2 * glue_nm + 60 * size))
    return parts


def _waves(rng: Generator, radius_um: float) -> NDArray[np.float64]:
    count = 5
    number = 2 * np.pi / (radius_um * rng.uniform(0.3, 1.5, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.stack(
        [
            number * np.cos(angle),
            number * np.sin(angle),
            rng.uniform(0, 2 * np.pi, count),
            rng.uniform(0.05, 0.2, count),
        ],
        axis=1,
    )


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
    uneven = _soil_waves(residue.waves, left, top, mask.shape, around)
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


def _soil_waves(
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
