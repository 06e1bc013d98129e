"""Correcting: where tiles stand by their neighbours' images, and the map drawn anew by it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import select

from service.checks import check_one_of, found
from service.db.engine import Sessions, writing
from service.db.queries.scans import detections_of_tile, lock_scan
from service.db.tables import POSITIONS, Detection, Scan, Tile
from service.errors import Conflict
from service.placement.neighbours import Looks, PlacedScan, find_neighbours, placed_scan
from service.placement.orientation import correct
from service.scans import schemas
from service.scans.merge import merge
from service.scans.positions import stage_map_of
from service.scans.queue import Queue, Run
from service.scans.reading import read_scans
from service.scans.rows import write_stage_position
from service.scans.runs import lock_run, start_run
from service.scans.scans import change
from service.scans.tiles import Stores
from service.vision.overlap import find_shift

# How far a neighbour's image is sought from its position, and so the largest error that is
# corrected between two: a part of a tile's longer side (36 um at 1920 px of 0.38 um).
REACH = 0.05
# So many tiles are merged anew in one transaction: others that write wait some tenths of a second.
AT_ONCE = 16


def choose_positions(
    sessions: Sessions, queue: Queue, scan_id: int, positions: str, turned: Mapping[str, Any]
) -> schemas.Scan:
    """Choose a scan's 'stated' or 'corrected' positions and queue its map to be drawn by them.

    `turned` changes its orientation: flips, swap, affine or reference of `NewScan`.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        No such kind of positions, or a bad orientation.
    Conflict
        The scan is being brought in or screened now.
    """
    check_one_of("positions", positions, POSITIONS)
    with writing(sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        if scan.state in {"queued", "screening"}:
            raise Conflict(f"Scan {scan_id} is being screened: wait for it, or cancel it.")
        change(session, scan, turned)
        scan.positions_wanted = positions
        start_run(session, queue, scan)
        return read_scans(session, [scan])[0]


def redraw_map(stores: Stores, run: Run, at_once: int = AT_ONCE) -> None:
    """Draw the map of a run's scan as was asked for; ended in between, it goes on where it was."""
    with stores.sessions() as session:
        scan = session.get(Scan, run.scan_id)
        if scan is None or scan.run != run.number or scan.positions_wanted is None:
            return
        wanted, begun = scan.positions_wanted, scan.taken > 0
        placed = None if begun else placed_scan(session, scan, "stated")
    if not begun:
        moves = {} if placed is None or wanted == "stated" else _moves(stores, placed)
        _write(stores, run, wanted, moves)
    while _draw_some(stores, run, at_once):
        pass


def _moves(stores: Stores, placed: PlacedScan) -> dict[int, tuple[float, float]]:
    """Corrected position of each tile that an image places."""
    looks = Looks(stores.blobs)
    found_pairs = find_neighbours([tile.place_um for tile in placed.tiles], placed.side_um)
    inverse = np.linalg.inv(placed.affine)
    reach_px = REACH * max(placed.tiles[0].size_px)
    pairs, offsets = [], []
    # In the order of the tiles: an image is read once for both of its neighbours.
    for first, second in sorted([*found_pairs.along_x, *found_pairs.along_y]):
        one, other = placed.tiles[first], placed.tiles[second]
        way = np.subtract(other.place_um, one.place_um)
        look, others = looks.of(one), looks.of(other)
        if look is None or others is None:
            continue
        near_x, near_y = (inverse @ way).tolist()
        shift = find_shift(look, others, (near_x, near_y), reach_px)
        if shift is not None:
            pairs.append((first, second))
            offsets.append(placed.affine @ (shift.x_px, shift.y_px) - way)
    chosen = np.array(pairs, np.int64).reshape(-1, 2)
    moves = correct(len(placed.tiles), chosen, np.array(offsets).reshape(-1, 2))
    return {
        placed.tiles[index].tile_id: (
            placed.tiles[index].place_um[0] + float(moves[index, 0]),
            placed.tiles[index].place_um[1] + float(moves[index, 1]),
        )
        for index in np.unique(chosen).tolist()
    }


def _write(stores: Stores, run: Run, wanted: str, moves: dict[int, tuple[float, float]]) -> None:
    with writing(stores.sessions) as session:
        scan = lock_run(session, run)
        if scan is None:
            return
        scan.positions, scan.state = wanted, "screening"
        if wanted == "stated":
            return  # the corrected ones stay beside them
        for tile in session.scalars(select(Tile).where(Tile.scan_id == scan.id)):
            tile.corrected_x_um, tile.corrected_y_um = moves.get(tile.id, (None, None))


def _draw_some(stores: Stores, run: Run, at_once: int) -> bool:
    """Place and merge the next tiles anew; False after the last ones."""
    with writing(stores.sessions) as session:
        scan = lock_run(session, run)
        if scan is None:
            return False
        query = select(Tile).where(Tile.scan_id == scan.id).order_by(Tile.id)
        tiles = list(session.scalars(query.offset(scan.taken).limit(at_once)))
        for tile in tiles:
            rows = detections_of_tile(session, tile.id)
            _place(scan, tile, rows)
            session.flush()
            torn = {row.flake_id for row in rows if row.flake_id is not None}
            merge(session, scan, tile, rows, torn)
        scan.taken += len(tiles)
        if not tiles:
            scan.positions_wanted = None
        return bool(tiles)


def _place(scan: Scan, tile: Tile, rows: list[Detection]) -> None:
    stage = stage_map_of(scan, tile)
    for row in rows:
        if stage is not None:
            write_stage_position(row, stage)
        elif tile.um_per_px is not None:
            row.area_um2 = row.area_px * tile.um_per_px**2
