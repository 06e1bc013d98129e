"""Queries about images taken again of flakes, and about which flake is to be looked at next."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from service.db.tables import Flake, Review, Revisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which flakes are worth a second look; None (or no layers) means any."""

    layers: tuple[int, ...] = ()
    min_area_um2: float | None = None
    min_p: float | None = None


# What a second look may gain: the area, times the chance that it is graphene at all.
_MERIT_UM2 = Flake.p_graphene * Flake.area_um2


def next_flakes(
    session: Session, scan_id: int, wanted: Wanted, count: int
) -> list[tuple[Flake, float]]:
    """The best flakes of a scan that wait for a second look, with their merit in um2."""
    query = select(Flake, _MERIT_UM2).where(*_waiting(scan_id, wanted))
    ordered = query.order_by(_MERIT_UM2.desc(), Flake.id).limit(count)
    return [(flake, float(merit)) for flake, merit in session.execute(ordered)]


def count_waiting(session: Session, scan_id: int, wanted: Wanted) -> int:
    """How many flakes of a scan wait for a second look."""
    query = select(func.count()).select_from(Flake).where(*_waiting(scan_id, wanted))
    return session.scalar(query) or 0


def _waiting(scan_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [
        Flake.scan_id == scan_id,
        Flake.is_lost.is_(False),
        Flake.is_graphene.is_(True),
        # Without a place on the stage nobody can drive there.
        Flake.centre_x_um.is_not(None),
        Flake.area_um2.is_not(None),
        ~exists(select(Review.id).where(Review.flake_id == Flake.id, Review.undone_at.is_(None))),
        ~exists(select(Revisit.id).where(Revisit.flake_id == Flake.id)),
    ]
    if wanted.layers:
        conditions.append(Flake.layers.in_(wanted.layers))
    if wanted.min_area_um2 is not None:
        conditions.append(Flake.area_um2 >= wanted.min_area_um2)
    if wanted.min_p is not None:
        conditions.append(Flake.p_graphene >= wanted.min_p)
    return conditions


def revisit_with(session: Session, flake_id: int, sha256: str) -> Revisit | None:
    """The revisit of a flake that is this image."""
    query = select(Revisit).where(Revisit.flake_id == flake_id, Revisit.sha256 == sha256)
    return session.scalars(query).one_or_none()


def revisits_of_flake(session: Session, flake_id: int) -> list[Revisit]:
    """Every revisit of a flake, oldest first."""
    query = select(Revisit).where(Revisit.flake_id == flake_id).order_by(Revisit.id)
    return list(session.scalars(query))


def revisited(session: Session, flake_ids: Collection[int]) -> set[int]:
    """Those of some flakes that have a revisit."""
    return set(session.scalars(select(Revisit.flake_id).where(Revisit.flake_id.in_(flake_ids))))


def move_revisits(session: Session, from_flake_id: int, to_flake_id: int) -> None:
    """Give one flake's revisits to another, as when both turn out to be the same.

    An image that both have stays once.
    """
    there = select(Revisit.sha256).where(Revisit.flake_id == to_flake_id)
    session.execute(
        update(Revisit)
        .where(Revisit.flake_id == from_flake_id, Revisit.sha256.not_in(there))
        .values(flake_id=to_flake_id)
    )


def revisit_blobs_of_scan(session: Session, scan_id: int) -> list[str]:
    """Names of the blobs that a scan's revisits refer to, each once."""
    query = select(Revisit.sha256).join(Flake, Flake.id == Revisit.flake_id)
    return list(session.scalars(query.where(Flake.scan_id == scan_id).distinct()))
