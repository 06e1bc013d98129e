"""Queries about what different model versions say of the same flakes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from service.db.tables import Flake, PastVerdict

BECAME, NO_LONGER, MOVED = "became_graphene", "no_longer_graphene", "p_changed"


@dataclass(frozen=True, slots=True)
class Versions:
    """Two model versions on one scan, and from which difference of p_graphene on it counts."""

    scan_id: int
    before: str
    after: str
    least_difference: float


@dataclass(frozen=True, slots=True)
class Change:
    """One flake of which two versions say different things; None = did not find it."""

    kind: str
    flake_id: int
    p_before: float | None
    p_after: float | None


def remember_verdicts(
    session: Session, scan_id: int, flake_ids: Collection[int], new_version: str
) -> None:
    """Keep what another version than the new one says of some flakes now."""
    query = select(Flake).where(
        Flake.id.in_(flake_ids), Flake.model_version != new_version, Flake.is_lost.is_(False)
    )
    by_version: dict[str, list[Flake]] = defaultdict(list)
    for flake in session.scalars(query):
        by_version[flake.model_version].append(flake)
    for version, flakes in by_version.items():
        ids = [flake.id for flake in flakes]
        session.execute(
            delete(PastVerdict).where(
                PastVerdict.flake_id.in_(ids), PastVerdict.model_version == version
            )
        )
        rows = [
            {
                "flake_id": flake.id,
                "model_version": version,
                "scan_id": scan_id,
                "p_graphene": flake.p_graphene,
                "is_graphene": flake.is_graphene,
            }
            for flake in flakes
        ]
        session.execute(insert(PastVerdict), rows)


def find_changes(
    session: Session, versions: Versions, after_id: int, limit: int
) -> tuple[list[Change], dict[str, int]]:
    """Changes behind an id, by ascending id of the flake, and how many there are of each kind.

    A flake that the later version has not looked at yet has not changed.
    """
    changes = _changes(versions).subquery()
    counts = select(changes.c.kind, func.count()).group_by(changes.c.kind)
    page = (
        select(changes)
        .where(changes.c.flake_id > after_id)
        .order_by(changes.c.flake_id)
        .limit(limit)
    )
    found = [Change(*row) for row in session.execute(page)]
    return found, dict(session.execute(counts).all())


def _changes(versions: Versions) -> Select[tuple[str, int, float, float]]:
    both = _side_by_side(versions)
    was, now = func.coalesce(both.c.was_graphene, 0), func.coalesce(both.c.now_graphene, 0)
    moved = func.abs(both.c.p_before - both.c.p_after) > versions.least_difference
    waiting = exists().where(Flake.id == both.c.flake_id, Flake.is_lost.is_(False))
    kind = case((was > now, NO_LONGER), (was < now, BECAME), else_=MOVED)
    return select(kind.label("kind"), both.c.flake_id, both.c.p_before, both.c.p_after).where(
        or_(was != now, moved), or_(both.c.p_after.is_not(None), ~waiting)
    )


def _side_by_side(versions: Versions) -> Subquery:
    """What each version says of a flake, in one row; one pass over what was said."""
    said = _said(versions)

    def of(version: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.max(case((said.c.model_version == version, value)))

    graphene = case((said.c.is_graphene, 1), else_=0)
    return (
        select(
            said.c.flake_id,
            of(versions.before, said.c.p_graphene).label("p_before"),
            of(versions.after, said.c.p_graphene).label("p_after"),
            of(versions.before, graphene).label("was_graphene"),
            of(versions.after, graphene).label("now_graphene"),
        )
        .group_by(said.c.flake_id)
        .subquery()
    )


def _said(versions: Versions) -> Subquery:
    """What the two versions say of each flake: now, or else last."""
    names = (versions.before, versions.after)
    now = select(
        Flake.id.label("flake_id"), Flake.model_version, Flake.p_graphene, Flake.is_graphene
    ).where(
        Flake.scan_id == versions.scan_id,
        Flake.model_version.in_(names),
        Flake.is_lost.is_(False),
    )
    same = and_(
        Flake.id == PastVerdict.flake_id,
        Flake.model_version == PastVerdict.model_version,
        Flake.is_lost.is_(False),
    )
    then = (
        select(
            PastVerdict.flake_id,
            PastVerdict.model_version,
            PastVerdict.p_graphene,
            PastVerdict.is_graphene,
        )
        .join_from(PastVerdict, Flake, same, isouter=True)
        .where(
            PastVerdict.scan_id == versions.scan_id,
            PastVerdict.model_version.in_(names),
            Flake.id.is_(None),
        )
    )
    return union_all(now, then).subquery()
