"""GDSII: outlines of flakes on layers by their number of layers, for electron-beam lithography."""

from collections.abc import Iterable
from pathlib import Path

import gdstk
import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidValue
from service.exports.alignment import Alignment
from service.exports.rows import ExportedFlake, ExportedScan, ExportedTile

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
        (centre,) = _points([list(flake.centre_um)], alignment)
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


def _points(points_um: list[list[float]], alignment: Alignment | None) -> list[tuple[float, float]]:
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
