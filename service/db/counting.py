"""Counting: how many flakes a scan has, and which are reviewed, kept in the same transaction.

Every session of `service.db.engine.build_sessions` does it; rows that are written past the ORM
have to be counted by who writes them.
"""

from collections import Counter
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.db.tables import Flake, FlakeCount, Review

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
    """Where a flake counts: nowhere while it is lost."""
    scan_id, graphene, reviewed, lost = (
        _value(flake, name, before=before)
        for name in ("scan_id", "is_graphene", "is_reviewed", "is_lost")
    )
    return [] if lost else [(scan_id, bool(graphene), bool(reviewed))]


def _value(flake: Flake, name: str, *, before: bool) -> Any:
    if before and (history := inspect(flake).attrs[name].history).deleted:
        return history.deleted[0]
    return getattr(flake, name)
