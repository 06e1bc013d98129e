"""Tying: a list of positions, or a scale, gives a scan its place on the stage afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.checks import STAGE_UM_RANGE, UM_PER_PX_RANGE, check_one_of, check_range, found
from service.db.engine import Sessions, writing
from service.db.queries.scans import lock_scan
from service.db.tables import Scan, Tile
from service.errors import Conflict, InvalidValue
from service.formats.readers.position_list import ListedPosition, PositionList
from service.placement.matching import MATCH_BY, SHOWN, Match, match
from service.placement.schemas import Tied
from service.scans.positions import position_key, stage_map_of
from service.scans.queue import Queue
from service.scans.runs import start_run
from service.scans.saving import note_reach

# Two statements of one place differ by what writing them rounded off.
_SAME_UM = 0.001
# The same of two scales: a part of them.
_SAME_SCALE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Request to tie a scan: by a list, a scale, or both.

    Attributes
    ----------
    match : str
        How places find their tiles: one of `MATCH_BY`.
    replace : bool
        Other positions and scales that are known give way.
    """

    listed: PositionList | None = None
    match: str = MATCH_BY[0]
    um_per_px: float | None = None
    replace: bool = False


def tie(sessions: Sessions, queue: Queue, scan_id: int, given: Tie) -> Tied:
    """Give tiles their positions, and have every flake of the scan placed and merged anew.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        The list cannot be matched without doubt, or a value is out of range.
    Conflict
        A tile has another position or scale already and `replace` is False, or the scan is
        being screened.
    """
    check_one_of("match", given.match, MATCH_BY)
    check_range("um_per_px", given.um_per_px, UM_PER_PX_RANGE)
    if given.listed is None and given.um_per_px is None:
        raise InvalidValue("Give a list of positions, um_per_px, or both.")
    with writing(sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        if scan.state in {"queued", "screening"}:
            raise Conflict(f"Scan {scan_id} is being screened: wait for it, or cancel it.")
        query = select(Tile).where(Tile.scan_id == scan_id).order_by(Tile.id)
        tiles = list(session.scalars(query))
        if given.um_per_px is not None:
            _scale(scan, tiles, given.um_per_px, replace=given.replace)
        matched = Match({}, [], [])
        if given.listed is not None:
            matched = match(tiles, given.listed.positions, given.match)
            _move(session, scan, tiles, matched.places, replace=given.replace)
        for tile in tiles:
            note_reach(scan, tile, stage_map_of(scan, tile))
        # What images said of other positions holds no more; `service.placement.correcting` draws.
        scan.positions, scan.positions_wanted = "stated", "stated"
        start_run(session, queue, scan)
        return _tied(given.listed, matched, tiles, scan)


def _scale(scan: Scan, tiles: Sequence[Tile], um_per_px: float, *, replace: bool) -> None:
    if scan.affine is not None:
        raise Conflict(
            f"Scan {scan.id} has an affine, which holds its scale: um_per_px cannot change it."
        )
    for known in (scan.um_per_px, *(tile.um_per_px for tile in tiles)):
        if known is not None and not replace and abs(known / um_per_px - 1) > _SAME_SCALE:
            raise Conflict(
                f"Scan {scan.id} has a scale of {known:g} um per pixel already: "
                "send replace=true to put another in its place."
            )
    scan.um_per_px, scan.um_per_px_from = um_per_px, "stated"
    for tile in tiles:
        tile.um_per_px = um_per_px


def _move(
    session: Session,
    scan: Scan,
    tiles: Sequence[Tile],
    places: dict[int, ListedPosition],
    *,
    replace: bool,
) -> None:
    moved = [tile for tile in tiles if tile.id in places]
    keyed_by_place = [tile for tile in moved if _is_keyed_by_place(tile)]
    for tile in moved:
        _check_move(tile, places[tile.id], replace=replace)
    # Two tiles may change places: neither may meet the other's key on the way.
    for tile in keyed_by_place:
        tile.position_key = f"moving {tile.id}"
    session.flush()
    for tile in moved:
        place = places[tile.id]
        tile.stage_x_um, tile.stage_y_um = place.x_um, place.y_um
        if place.z_um is not None:
            tile.stage_z_um = place.z_um
    _check_free(scan, tiles)
    # Others stay known by what they came with: the same image again still finds them.
    for tile in keyed_by_place:
        tile.position_key = position_key(tile)
    for tile in tiles:
        tile.corrected_x_um = tile.corrected_y_um = None
    session.flush()


def _is_keyed_by_place(tile: Tile) -> bool:
    return tile.stage_x_um is not None and tile.position_key == position_key(tile)


def _check_move(tile: Tile, place: ListedPosition, *, replace: bool) -> None:
    label = tile.name or f"tile {tile.id}"
    for name, value in (("x", place.x_um), ("y", place.y_um), ("z", place.z_um)):
        check_range(f"{name} in um of {label}", value, STAGE_UM_RANGE)
    if replace or tile.stage_x_um is None or tile.stage_y_um is None:
        return
    if place.x_um is None or place.y_um is None:
        return
    if max(abs(tile.stage_x_um - place.x_um), abs(tile.stage_y_um - place.y_um)) > _SAME_UM:
        raise Conflict(
            f"{label} stands at x {tile.stage_x_um:.3f} um, y {tile.stage_y_um:.3f} um already, "
            f"the list says x {place.x_um:.3f} um, y {place.y_um:.3f} um: send replace=true to "
            "put the list's positions in place of those that are known."
        )


def _check_free(scan: Scan, tiles: Sequence[Tile]) -> None:
    """Raise `Conflict` where two tiles would stand at one place."""
    there: dict[tuple[float, float], Tile] = {}
    for tile in tiles:
        if tile.stage_x_um is None or tile.stage_y_um is None:
            continue
        place = (round(tile.stage_x_um, 3), round(tile.stage_y_um, 3))
        other = there.setdefault(place, tile)
        if other is not tile:
            raise Conflict(
                f"Two tiles of scan {scan.id} would stand at x {place[0]:.3f} um, "
                f"y {place[1]:.3f} um: {other.name or other.id} and {tile.name or tile.id}."
            )


def _tied(listed: PositionList | None, matched: Match, tiles: Sequence[Tile], scan: Scan) -> Tied:
    notes = [] if listed is None else list(listed.notes)
    if any(tile.stage_x_um is not None and tile.um_per_px is None for tile in tiles):
        notes.append(
            "The scale of some tiles is unknown, so their flakes have no place yet: send um_per_px."
        )
    return Tied(
        format=None if listed is None else listed.format,
        positions=0 if listed is None else len(listed.positions),
        matched=len(matched.places),
        tiles=len(tiles),
        unmatched_positions=matched.unmatched_positions[:SHOWN],
        unmatched_tiles=matched.unmatched_tiles[:SHOWN],
        state=scan.state,
        notes=notes,
    )
