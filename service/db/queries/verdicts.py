"""Queries about what different model versions say of the same flakes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    Subquery,
    case,
    cast,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from service.db.base import Id
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
    if not flake_ids:
        return
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
    # Named twice below, so that both databases find the changes once.
    changes = _changes(versions).cte("changes")
    page = (
        select(changes, cast(null(), Integer).label("flakes"))
        .where(changes.c.flake_id > after_id)
        .order_by(changes.c.flake_id)
        .limit(limit)
        .subquery()
    )
    counts = select(
        changes.c.kind,
        cast(null(), Id),
        cast(null(), Float),
        cast(null(), Float),
        func.count(),
    ).group_by(changes.c.kind)
    rows = session.execute(union_all(select(page), counts)).all()
    found = [Change(*row[:4]) for row in rows if row.flake_id is not None]
    return (
        sorted(found, key=lambda change: change.flake_id),
        {row.kind: row.flakes for row in rows if row.flake_id is None},
    )


def _changes(versions: Versions) -> Select[tuple[str, int, float, float]]:
    both = _side_by_side(versions)
    was, now = func.coalesce(both.c.was_graphene, 0), func.coalesce(both.c.now_graphene, 0)
    moved = func.abs(both.c.p_before - both.c.p_after) > versions.least_difference
    kind = case((was > now, NO_LONGER), (was < now, BECAME), else_=MOVED)
    return select(kind.label("kind"), both.c.flake_id, both.c.p_before, both.c.p_after).where(
        or_(was != now, moved), or_(both.c.p_after.is_not(None), both.c.is_there == 0)
    )


def _side_by_side(versions: Versions) -> Subquery:
    """Join in one row what each version says of a flake now, or else said last."""
    said = _said(versions)

    def of(version: str, what: str) -> ColumnElement[Any]:
        now = func.max(case((said.c.now_version == version, said.c[f"now_{what}"])))
        then = func.max(case((said.c.then_version == version, said.c[f"then_{what}"])))
        return func.coalesce(now, then)

    return (
        select(
            said.c.flake_id,
            of(versions.before, "p").label("p_before"),
            of(versions.after, "p").label("p_after"),
            of(versions.before, "graphene").label("was_graphene"),
            of(versions.after, "graphene").label("now_graphene"),
            func.max(said.c.is_there).label("is_there"),
        )
        .group_by(said.c.flake_id)
        .subquery()
    )


def _said(versions: Versions) -> Subquery:
    """Select what two versions said of flakes and what any says now; where it can matter.

    What one version alone has looked at and does not call graphene has not changed. Those are
    nearly all flakes of a scan, so they are not read: an index names what is graphene now, and
    what was said before names the rest. A flake stands there several times.
    """
    names = (versions.before, versions.after)
    is_there = case((Flake.is_lost.is_(False), 1), else_=0)
    now = (
        case((Flake.is_lost.is_(False), Flake.model_version)).label("now_version"),
        Flake.p_graphene.label("now_p"),
        case((Flake.is_graphene, 1), else_=0).label("now_graphene"),
        is_there.label("is_there"),
    )
    graphene = select(
        Flake.id.label("flake_id"),
        cast(null(), String).label("then_version"),
        cast(null(), Float).label("then_p"),
        cast(null(), Integer).label("then_graphene"),
        *now,
    ).where(
        Flake.scan_id == versions.scan_id,
        Flake.is_graphene.is_(True),
        # Both: by it, the index that has the verdict is taken.
        Flake.is_reviewed.in_((False, True)),
        Flake.model_version.in_(names),
        Flake.is_lost.is_(False),
    )
    then = (
        select(
            PastVerdict.flake_id,
            PastVerdict.model_version,
            PastVerdict.p_graphene,
            case((PastVerdict.is_graphene, 1), else_=0),
            *now,
        )
        .join_from(PastVerdict, Flake, Flake.id == PastVerdict.flake_id, isouter=True)
        .where(PastVerdict.scan_id == versions.scan_id, PastVerdict.model_version.in_(names))
    )
    return union_all(graphene, then).subquery()
