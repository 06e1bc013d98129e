"""Charting: the map of a scan has another revision when what it shows has changed.

Every session of `service.db.engine.build_sessions` does it, in the same transaction; rows that
are written past the ORM have to be noted by who writes them.
"""

from collections.abc import Iterator

from sqlalchemy import inspect, update
from sqlalchemy.orm import Session

from service.db.base import Base
from service.db.tables import Scan, Tile

_OF_SCAN = ("affine", "flip_x", "flip_y", "swap_xy", "position_reference", "positions")
_OF_TILE = (
    "sha256",
    "row",
    "col",
    "stage_x_um",
    "stage_y_um",
    "corrected_x_um",
    "corrected_y_um",
    "um_per_px",
    "width_px",
    "height_px",
)


def keep_map_revisions(session: Session, _context: object) -> None:
    """After a flush: note the scans whose map shows something else now."""
    changed = set(_changed_scans(session))
    if changed:
        note_map_changes(session, changed)


def note_map_changes(session: Session, scan_ids: set[int]) -> None:
    """Give the maps of some scans another revision."""
    # In one order, so that two transactions never wait for each other. Past the ORM: a flush goes
    # on, and what this session has read of the scan may be old.
    for scan_id in sorted(scan_ids):
        query = update(Scan.__table__).where(Scan.__table__.c.id == scan_id)  # type: ignore[arg-type]
        session.connection().execute(query.values(map_revision=Scan.map_revision + 1))


def _changed_scans(session: Session) -> Iterator[int]:
    for one in (*session.new, *session.dirty):
        if isinstance(one, Tile) and _is_other(one, _OF_TILE):
            yield one.scan_id
        elif isinstance(one, Scan) and one not in session.new and _is_other(one, _OF_SCAN):
            yield one.id


def _is_other(row: Base, names: tuple[str, ...]) -> bool:
    attributes = inspect(row, raiseerr=True).attrs
    return any(attributes[name].history.has_changes() for name in names)
