"""Write flakes as GDSII, aligned by marks to a design."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot
from pathlib import Path

import gdstk
import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidValue
from service.exports.writers.rows import ExportedFlake, ExportedScan, ExportedTile, Points

Float = NDArray[np.float64]

# Two marks for a similarity, three for an affine transform.
LEAST_MARKS = 2
_AFFINE_MARKS = 3
# Marks in one line to a millionth of their distance say nothing about the direction across it.
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: where the stage finds it, and where the design has it, in um."""

    stage_um: tuple[float, float]
    design_um: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """`design = matrix @ stage + offset`.

    Attributes
    ----------
    matrix : (2, 2) float64
    offset_um : (2,) float64
    kind : str
        "similarity" or "affine".
    residuals_um : (n,) float64
        How far each mark lies from where it should, in um of the design.
    """

    matrix: Float
    offset_um: Float
    kind: str
    residuals_um: Float

    def to_design(self, points_um: Float) -> Float:
        """Points of the stage, (n, 2) um, in the design."""
        return np.asarray(points_um, np.float64) @ self.matrix.T + self.offset_um

    @property
    def words(self) -> str:
        """Describe what was fitted and how well, for a person; ASCII."""
        (a, b), (c, d) = self.matrix.tolist()
        scale = abs(a * d - b * c) ** 0.5
        turn = degrees(atan2(c, a))
        mirror = ", mirrored" if a * d - b * c < 0 else ""
        return (
            f"Alignment: {self.kind} by {len(self.residuals_um)} marks, scale {scale:.6f}, turned "
            f"{turn:.4f} deg{mirror}; {self._residual}."
        )

    @property
    def _residual(self) -> str:
        free = 2 * len(self.residuals_um) - (6 if self.kind == "affine" else 4)
        if not free:
            return "as many marks as it needs, so nothing says how good they are"
        rms = float(np.sqrt(np.mean(self.residuals_um**2)))
        return f"residual {rms:.3f} um rms, {self.residuals_um.max():.3f} um at most"


def align(marks: Sequence[Mark], *, mirrored: bool = False) -> Alignment:
    """Least squares over marks: a similarity for two of them, an affine transform for more.

    Two marks cannot say whether the design is mirrored against the stage: `mirrored` does.

    Raises
    ------
    InvalidValue
        Too few marks, or they lie at one place or in one line.
    """
    if len(marks) < LEAST_MARKS:
        raise InvalidValue(f"{len(marks)} mark is given; an alignment needs {LEAST_MARKS} or more.")
    stage = np.array([mark.stage_um for mark in marks], np.float64)
    design = np.array([mark.design_um for mark in marks], np.float64)
    # About the centre: stage coordinates of a centimetre would cost digits.
    middle = stage.mean(axis=0)
    affine = len(marks) >= _AFFINE_MARKS
    terms = _affine_terms if affine else _similarity_terms
    _check_spread(stage - middle, across=affine)
    _check_spread(design - design.mean(axis=0), across=affine)
    solved: Float = np.linalg.lstsq(terms(stage - middle, mirrored), design.ravel())[0].astype(
        np.float64
    )
    matrix = solved[:4].reshape(2, 2) if affine else _similarity(solved, mirrored)
    offset = solved[-2:] - matrix @ middle
    off = stage @ matrix.T + offset - design
    residuals = np.array([hypot(x, y) for x, y in off.tolist()])
    return Alignment(matrix, offset, "affine" if affine else "similarity", residuals)


def _check_spread(centred: Float, *, across: bool) -> None:
    along_um, across_um = np.linalg.svd(centred, compute_uv=False)[:2]
    if along_um == 0:
        raise InvalidValue("The marks lie at one place: an alignment needs them apart.")
    if across and across_um < _LEAST_SPREAD * along_um:
        raise InvalidValue(
            "The marks lie in one line: three marks or more need one beside it, "
            "or give only two of them."
        )


def _similarity_terms(stage: Float, mirrored: bool) -> Float:
    """Rows of x' = a x - b y + u, y' = b x + a y + v; mirrored, y counts the other way."""
    sign = -1.0 if mirrored else 1.0
    rows = []
    for x, y in stage.tolist():
        rows += [[x, -sign * y, 1.0, 0.0], [sign * y, x, 0.0, 1.0]]
    return np.array(rows)


def _similarity(solved: Float, mirrored: bool) -> Float:
    a, b = solved[:2].tolist()
    sign = -1.0 if mirrored else 1.0
    return np.array([[a, -sign * b], [b, sign * a]])


def _affine_terms(stage: Float, _mirrored: bool) -> Float:
    rows = []
    for x, y in stage.tolist():
        rows += [[x, y, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, x, y, 0.0, 1.0]]
    return np.array(rows)


# GDSII layers. A flake of n graphene layers lies on layer n; 0 is an unknown number.
UNKNOWN_LAYER = 0
TILE_LAYER = 200
SCAN_LAYER = 201
LABEL_LAYER = 202
# Thicker ones share a layer: numbers of layers over some ten are guesses, and 200 is taken.
MOST_LAYERS = 199

_UM = 1e-6
# GDSII counts in whole steps of 32 bits. A nanometre reaches 2.1 m; a stage that counts farther
# gets steps of 10 nm, still finer than it moves.
_STEPS_M = (1e-9, 1e-8)
_MOST_STEPS = 2**31 - 1
# The longest outline that one record of the format holds; longer ones are cut into pieces.
_MOST_POINTS = 8190


def write_gds(
    path: Path,
    scan: ExportedScan,
    flakes: Iterable[ExportedFlake],
    tiles: Iterable[ExportedTile],
    alignment: Alignment | None,
) -> int:
    """Write the file; gives how many flakes have no position and are not in it.

    Coordinates are um of the stage, or of the design where there is an alignment.

    Raises
    ------
    InvalidValue
        A place lies farther off than the format can count.
    """
    cell = gdstk.Cell(f"SCAN_{scan.id}")
    left_out = 0
    for flake in flakes:
        if flake.polygon_um is None or flake.centre_um is None:
            left_out += 1
            continue
        cell.add(gdstk.Polygon(_points(flake.polygon_um, alignment), layer=_layer(flake)))
        (centre,) = _points([flake.centre_um], alignment)
        cell.add(gdstk.Label(flake.label, centre, layer=LABEL_LAYER))
    _add_frames(cell, tiles, alignment)
    _write(path, cell, scan)
    return left_out


def _layer(flake: ExportedFlake) -> int:
    layers = flake.best_layers
    return UNKNOWN_LAYER if layers is None else min(layers, MOST_LAYERS)


def _add_frames(
    cell: gdstk.Cell, tiles: Iterable[ExportedTile], alignment: Alignment | None
) -> None:
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for tile in tiles:
        if tile.corners_um is None:
            continue
        corners = np.array(tile.corners_um)
        low, high = np.minimum(low, corners.min(axis=0)), np.maximum(high, corners.max(axis=0))
        cell.add(gdstk.Polygon(_points(tile.corners_um, alignment), layer=TILE_LAYER))
    if np.isfinite(low).all():
        (left, bottom), (right, top) = low.tolist(), high.tolist()
        around = [[left, bottom], [right, bottom], [right, top], [left, top]]
        cell.add(gdstk.Polygon(_points(around, alignment), layer=SCAN_LAYER))


def _points(points_um: Points, alignment: Alignment | None) -> list[tuple[float, float]]:
    points: NDArray[np.float64] = np.array(points_um, np.float64)
    if alignment is not None:
        points = alignment.to_design(points)
    return [(x, y) for x, y in points.tolist()]


def _write(path: Path, cell: gdstk.Cell, scan: ExportedScan) -> None:
    box = cell.bounding_box()
    farthest_um = 0.0 if box is None else float(np.abs(box).max())
    for step_m in _STEPS_M:
        if farthest_um * _UM / step_m < _MOST_STEPS:
            library = gdstk.Library(f"FLAKESCOPE_{scan.id}", unit=_UM, precision=step_m)
            library.add(cell)
            library.write_gds(path, max_points=_MOST_POINTS, timestamp=scan.exported_at)
            return
    raise InvalidValue(
        f"A point lies {farthest_um:,.0f} um from the origin; GDSII reaches "
        f"{_MOST_STEPS * _STEPS_M[-1] / _UM:,.0f} um."
    )
