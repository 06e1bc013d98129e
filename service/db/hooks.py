"""Keep counts, map revisions and events in the same transaction as the rows that change them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.db.base import Base
from service.db.tables import Event, EventKind, Flake, FlakeCount, ModelVersion, Review, Scan, Tile

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


# Scan, verdict, whether reviewed.
Kind = tuple[int, bool, bool]


def keep_reviewed(session: Session, _context: object, _instances: object) -> None:
    """Before a flush: note which flakes get a review."""
    for review in [one for one in session.new if isinstance(one, Review)]:
        note_review(session, review.flake_id)


def note_review(session: Session, flake_id: int) -> None:
    """Note that a flake has a review."""
    flake = session.get(Flake, flake_id)
    if flake is not None:
        flake.is_reviewed = True


def keep_counts(session: Session, _context: object) -> None:
    """After a flush: what it made of the flakes changes the counts.

    Who changes the flakes of a scan holds its lock, so nobody else counts them meanwhile.
    """
    changes: Counter[Kind] = Counter()
    for flake in [one for one in session.new if isinstance(one, Flake)]:
        changes.update(_kinds(flake, before=False))
    for flake in [one for one in session.dirty if isinstance(one, Flake)]:
        changes.update(_kinds(flake, before=False))
        changes.subtract(_kinds(flake, before=True))
    for flake in [one for one in session.deleted if isinstance(one, Flake)]:
        changes.subtract(_kinds(flake, before=True))
    _add(session, {kind: change for kind, change in sorted(changes.items()) if change})


def _add(session: Session, changes: dict[Kind, int]) -> None:
    if not changes:
        return
    # Past the ORM: a flush goes on, and the database adds to what stands there by now.
    connection = session.connection()
    postgres = connection.dialect.name == "postgresql"
    new = postgresql.insert(FlakeCount) if postgres else sqlite.insert(FlakeCount)
    columns = (FlakeCount.scan_id, FlakeCount.is_graphene, FlakeCount.is_reviewed)
    added = new.on_conflict_do_update(
        index_elements=columns, set_={"flakes": FlakeCount.flakes + new.excluded.flakes}
    )
    names = (*(column.key for column in columns), "flakes")
    connection.execute(
        added, [dict(zip(names, (*kind, change), strict=True)) for kind, change in changes.items()]
    )


def _kinds(flake: Flake, *, before: bool) -> list[Kind]:
    """List the kinds under which a flake counts: none while it is lost."""
    scan_id, graphene, reviewed, lost = (
        _value(flake, name, before=before)
        for name in ("scan_id", "is_graphene", "is_reviewed", "is_lost")
    )
    return [] if lost else [(scan_id, bool(graphene), bool(reviewed))]


def _value(flake: Flake, name: str, *, before: bool) -> Any:
    if before and (history := inspect(flake).attrs[name].history).deleted:
        return history.deleted[0]
    return getattr(flake, name)


def keep_events(session: Session, _context: object) -> None:
    """After a flush: note scans in another state and model versions that became active."""
    changed = [*session.new, *session.dirty]
    rows = [
        *(_of_scan(one) for one in changed if isinstance(one, Scan) and _is_new(one, "state")),
        *_of_models([one for one in changed if isinstance(one, ModelVersion)]),
    ]
    if rows:
        # Past the ORM: a flush goes on.
        session.connection().execute(insert(Event), rows)


def _of_scan(scan: Scan) -> dict[str, Any]:
    body = {"state": scan.state, "run": scan.run, "error": scan.error}
    return _row("scan_state", body, scan.id)


def _of_models(models: list[ModelVersion]) -> Iterator[dict[str, Any]]:
    for model in models:
        if model.is_active and _is_new(model, "is_active"):
            body = {"version": model.version, "promoted_by": model.promoted_by}
            yield _row("model_promoted", body)


def _row(kind: EventKind, body: dict[str, Any], scan_id: int | None = None) -> dict[str, Any]:
    return {"kind": kind, "scan_id": scan_id, "body": body}


def _is_new(row: Base, name: str) -> bool:
    return bool(inspect(row, raiseerr=True).attrs[name].history.added)
