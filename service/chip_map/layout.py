"""Lay out the tiles of a scan on its map: by their positions, else side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from service.db.queries.chip_map import tiles_of_map
from service.db.tables import Scan
from service.scans.positions import standing_um
from service.vision.stage import from_micro_manager, orient, rescale

Float = NDArray[np.float64]


def cells(named: Sequence[tuple[int | None, int | None]], sizes_px: NDArray[np.int64]) -> Float:
    """Top left corner of each tile, (n, 2) px: by row and column, those without below, in order.

    All cells are as large as the largest tile.
    """
    if not named:
        return np.zeros((0, 2))
    known = [(row, col) for row, col in named if row is not None and col is not None]
    top = min((row for row, _ in known), default=0)
    left = min((col for _, col in known), default=0)
    below = max((row for row, _ in known), default=top - 1) + 1
    others = len(named) - len(known)
    width = max(ceil(sqrt(others)), 1)
    places: list[tuple[int, int]] = []
    number = 0
    for row, col in named:
        if row is not None and col is not None:
            places.append((col - left, row - top))
        else:
            places.append((number % width, below - top + number // width))
            number += 1
    corners: Float = np.array(places, np.float64) * sizes_px.max(axis=0)
    return corners


# Of a picture's corner: top left, top right, bottom left; in its width and height.
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
_GREY = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The tiles of a map in the order in which they came; arrays have a row for each.

    Attributes
    ----------
    on_stage : bool
        Whether they lie by stage positions, in um; else side by side, in pixels.
    y_sign : int
        -1 where the map's y is the negative of the stage's.
    turn_deg : int
        By how much the map has to be turned clockwise to stand as the camera's images do.
    unit_per_px : float
        Scale of the first tile, the map's finest; 1 where the unit is the pixel.
    corners : (n, 3, 2) float64
        On the map: top left, top right and bottom left of each image.
    bounds : (n, 4) float64
        Left, top, right, bottom.
    sizes_px : (n, 2) int64
        Width and height.
    images : (n,) bytes
        The sha256 of each.
    colours : (n, 3) float64
        Of the bare substrate, 0 to 1.
    has_picture : (n,) bool
        Whether there is a thumbnail.
    depth_bits : int
        The most that any tile's numbers have.
    without_place : int
        Tiles that cannot be shown.
    """

    scan_id: int
    revision: int
    on_stage: bool
    y_sign: int
    turn_deg: int
    unit_per_px: float
    ids: NDArray[np.int64]
    corners: Float
    bounds: Float
    sizes_px: NDArray[np.int64]
    images: NDArray[np.bytes_]
    colours: Float
    has_picture: NDArray[np.bool_]
    depth_bits: int
    without_place: int

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all."""
        left, top = self.bounds[:, :2].min(axis=0).tolist()
        right, bottom = self.bounds[:, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def within(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.int64]:
        """Indices of the tiles that reach into a box."""
        bounds = self.bounds
        reach = (bounds[:, 0] < right) & (bounds[:, 2] > left)
        return np.flatnonzero(reach & (bounds[:, 1] < bottom) & (bounds[:, 3] > top))


def read_layout(session: Session, scan: Scan) -> Layout:
    """Read the layout of a scan as it is now."""
    rows = tiles_of_map(session, scan.id)
    places = [standing_um(row, scan.positions) for row in rows]
    placed = [
        place is not None and row.um_per_px is not None
        for row, place in zip(rows, places, strict=True)
    ]
    if any(placed):
        shown = [row for row, ok in zip(rows, placed, strict=True) if ok]
        at = np.array([place for place, ok in zip(places, placed, strict=True) if ok])
        return _on_stage(scan, shown, at, len(rows) - len(shown))
    return _in_grid(scan, rows)


def _on_stage(scan: Scan, rows: Sequence[Any], places_um: Float, left_out: int) -> Layout:
    affine = _affine(scan)
    scales = np.array([row.um_per_px for row in rows], np.float64)
    sizes = _sizes(rows)
    reference = 0.0 if scan.position_reference == "top_left" else 0.5
    offsets_um = (_CORNERS - reference) * sizes[:, None, :] * scales[:, None, None]
    y_sign = 1 if np.linalg.det(affine[:, :2]) > 0 else -1
    corners_um = offsets_um @ affine[:, :2].T + affine[:, 2] + places_um[:, None, :]
    corners = corners_um * (1, y_sign)
    return _layout(
        scan,
        rows,
        corners,
        on_stage=True,
        y_sign=y_sign,
        turn_deg=_turn_deg(affine[:, 0] * (1, y_sign)),
        unit_per_px=float(scales[0]),
        without_place=left_out,
    )


def _in_grid(scan: Scan, rows: Sequence[Any]) -> Layout:
    sizes = _sizes(rows)
    corners = cells([(row.row, row.col) for row in rows], sizes)[:, None, :] + (
        _CORNERS * sizes[:, None, :]
    )
    return _layout(
        scan,
        rows,
        corners,
        on_stage=False,
        y_sign=1,
        turn_deg=0,
        unit_per_px=1.0,
        without_place=0,
    )


def _layout(scan: Scan, rows: Sequence[Any], corners: Float, **more: Any) -> Layout:
    opposite = corners[:, 1:2] + corners[:, 2:3] - corners[:, :1]
    around = np.concatenate([corners, opposite], axis=1)
    return Layout(
        scan_id=scan.id,
        revision=scan.map_revision,
        ids=np.array([row.id for row in rows], np.int64),
        corners=corners,
        bounds=np.concatenate([around.min(axis=1), around.max(axis=1)], axis=1),
        sizes_px=_sizes(rows),
        images=np.array([row.sha256.encode() for row in rows], "S64"),
        colours=np.array([row.background_rgb or _GREY for row in rows]).reshape(-1, 3),
        has_picture=np.array([row.depth_bits is not None for row in rows], bool),
        depth_bits=max([row.depth_bits or 8 for row in rows], default=8),
        **more,
    )


def _sizes(rows: Sequence[Any]) -> NDArray[np.int64]:
    return np.array([(row.width_px, row.height_px) for row in rows], np.int64).reshape(-1, 2)


def _affine(scan: Scan) -> Float:
    """Build the affine of a scan at a scale of 1; the shift stays in um."""
    if scan.affine is not None:
        return rescale(from_micro_manager(scan.affine), 1.0)
    return orient(1.0, flip_x=scan.flip_x, flip_y=scan.flip_y, swap_xy=scan.swap_xy)


def _turn_deg(right: Float) -> int:
    """Compute the turn, in clockwise quarters, that brings the camera's right to the right."""
    clockwise = np.degrees(np.arctan2(right[1], right[0]))
    return int(round(-clockwise / 90) * 90) % 360
