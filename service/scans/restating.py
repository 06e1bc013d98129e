"""State a scan's scale, oxide or orientation anew; a run then works out all that follows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from service.checks import found
from service.db.engine import writing
from service.db.queries.blobs import sweep_blobs
from service.db.queries.scans import lock_scan, queue_again
from service.db.tables import Scan, Tile
from service.errors import Conflict, InvalidValue
from service.scans import schemas
from service.scans.positions import check_affine, scale_of_scan, stage_map_of
from service.scans.queue import Queue
from service.scans.reading import read_scans
from service.scans.runs import start_run
from service.scans.saving import note_reach
from service.scans.scans import change
from service.scans.tiles import Stores
from service.vision.stage import from_micro_manager, rescaled_numbers, scale_um_per_px

_FLIPS = ("flip_x", "flip_y", "swap_xy")
# What places a tile's pixels on the stage, beside its scale.
_ORIENTATION = ("affine", *_FLIPS, "position_reference")
# Two scales that differ by less are one that was worked out in two ways.
_SAME_SCALE = 1e-9


def change_scan(
    stores: Stores,
    queue: Queue,
    scan_id: int,
    changes: Mapping[str, Any],
    *,
    rescreen: bool = False,
) -> schemas.Scan:
    """The scan with some fields of `ScanChanges` changed.

    What a person states counts for every tile. Another scale has them screened again, because
    what is sought on a tile depends on it; another orientation has flakes placed and merged
    again. All else counts from the next screening on, at once where `rescreen` asks for it.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        A value is wrong, or there is no such substrate.
    Conflict
        A run is needed, and the scan is being brought in or screened now.
    """
    former = None
    with writing(stores.sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        before = _orientation(scan)
        change(session, scan, _whole(scan, changes))
        if "flat_field" in changes:
            former, scan.flat_field_sha256 = scan.flat_field_sha256, None
        is_rescaled = _rescale(session, scan, changes)
        is_turned = _orientation(scan) != before
        if is_rescaled or is_turned or rescreen:
            if is_rescaled or rescreen:
                queue_again(session, scan_id, ("queued", "failed", "screened"))
            _run(session, queue, scan, redraw=is_rescaled or is_turned)
        session.flush()
        shown = read_scans(session, [scan])[0]
    sweep_blobs(stores.sessions, stores.blobs, [] if former is None else [former])
    return shown


def _whole(scan: Scan, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with what they mean for the affine, which holds scale and orientation too."""
    if "um_per_px" in changes and changes["um_per_px"] is None:
        raise InvalidValue("um_per_px is null: a scale can be changed, not unsaid.")
    scale = {"um_per_px_from": "stated"} if "um_per_px" in changes or changes.get("affine") else {}
    whole = {**changes, **scale}
    if changes.get("affine") is not None:
        check_affine(changes["affine"])
        scaled = {"um_per_px": scale_um_per_px(from_micro_manager(changes["affine"]))}
        return {**dict.fromkeys(_FLIPS, False), **scaled, **whole}
    if scan.affine is None:
        return whole
    if "affine" in changes or any(name in changes for name in _FLIPS):
        return {"um_per_px": scale_of_scan(scan), **whole, "affine": None}
    if "um_per_px" in changes:
        return whole | {"affine": rescaled_numbers(scan.affine, changes["um_per_px"])}
    return whole


def _orientation(scan: Scan) -> tuple[object, ...]:
    """What would move flakes: a change of scale alone turns nothing."""
    stated = [getattr(scan, name) for name in _ORIENTATION[1:]]
    if scan.affine is None:
        return (None, *stated)
    unit = rescaled_numbers(scan.affine, 1.0)
    return (*(round(number, 9) for number in (*unit[:2], *unit[3:5])), *stated)


def _rescale(session: Session, scan: Scan, changes: Mapping[str, Any]) -> bool:
    """Give every tile the scale that was stated; whether one had another."""
    scale = scale_of_scan(scan)
    if scale is None or not ("um_per_px" in changes or changes.get("affine")):
        return False
    others = (
        Tile.scan_id == scan.id,
        or_(
            Tile.um_per_px.is_(None),
            Tile.um_per_px < scale * (1 - _SAME_SCALE),
            Tile.um_per_px > scale * (1 + _SAME_SCALE),
        ),
    )
    if session.scalar(select(Tile.id).where(*others).limit(1)) is None:
        return False
    session.execute(update(Tile).where(*others).values(um_per_px=scale))
    return True


def _run(session: Session, queue: Queue, scan: Scan, *, redraw: bool) -> None:
    if session.scalar(select(Tile.id).where(Tile.scan_id == scan.id).limit(1)) is None:
        return
    if scan.state in {"queued", "screening"}:
        raise Conflict(f"Scan {scan.id} is being screened: wait for it, or cancel it.")
    if redraw:
        # What images said of positions held for the former scale and orientation alone.
        scan.positions, scan.positions_wanted = "stated", "stated"
        scan.tile_reach_um = None
        for tile in session.scalars(select(Tile).where(Tile.scan_id == scan.id)):
            tile.corrected_x_um = tile.corrected_y_um = None
            note_reach(scan, tile, stage_map_of(scan, tile))
    start_run(session, queue, scan)
