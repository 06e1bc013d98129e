"""Queries about flakes: which match, in which order, from where on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.db.tables import Detection, Flake, Review


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakeFilter:
    """Which flakes; None (or no layers) means any. Lost flakes never match."""

    scan_id: int | None = None
    graphene: bool | None = None
    min_area_um2: float | None = None
    max_area_um2: float | None = None
    min_p: float | None = None
    layers: tuple[int, ...] = ()
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A column of `SORTS` and its direction. Equal values follow their ids the same way."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the value of the sort's column, and the id."""

    value: float | None
    id: int


SORTS: dict[str, InstrumentedAttribute[Any]] = {
    "id": Flake.id,
    "area_um2": Flake.area_um2,
    "p_graphene": Flake.p_graphene,
    "layers": Flake.layers,
}


def count_matching(session: Session, which: FlakeFilter) -> int:
    """How many flakes match."""
    query = select(func.count()).select_from(Flake).where(*_conditions(which))
    return session.scalar(query) or 0


def page_of_flakes(
    session: Session, which: FlakeFilter, order: Order, after: Place | None, count: int
) -> list[Flake]:
    """Up to `count` flakes that match, behind a place; those without the value come last.

    Two queries, because each can then walk along an index; one with `NULLS LAST` cannot.
    """
    column = SORTS[order.column]
    matching = select(Flake).where(*_conditions(which))
    found: list[Flake] = []
    if after is None or after.value is not None:
        known = _behind(matching.where(column.is_not(None)), order, after)
        found += session.scalars(known.limit(count))
        after = None
    if len(found) < count:
        unknown = _behind(matching.where(column.is_(None)), Order("id", order.descending), after)
        found += session.scalars(unknown.limit(count - len(found)))
    return found


def flakes_on_tile(session: Session, tile_id: int) -> list[Flake]:
    """Flakes that a detection on this tile belongs to, whichever tile shows them best."""
    on_tile = select(Detection.flake_id).where(Detection.tile_id == tile_id)
    return list(session.scalars(select(Flake).where(Flake.id.in_(on_tile)).order_by(Flake.id)))


def flakes_by_id(session: Session, flake_ids: Collection[int]) -> dict[int, Flake]:
    """Some flakes by their id."""
    found = session.scalars(select(Flake).where(Flake.id.in_(flake_ids)))
    return {flake.id: flake for flake in found}


def lost_flakes_of_tile(session: Session, tile_id: int) -> list[Flake]:
    """Reviewed flakes that this tile showed before it was replaced."""
    query = select(Flake).where(Flake.tile_id == tile_id, Flake.is_lost.is_(True))
    return list(session.scalars(query.order_by(Flake.id)))


def _behind(query: Select[Flake], order: Order, after: Place | None) -> Select[Flake]:
    column = SORTS[order.column]
    if after is not None:
        here = tuple_(after.id if order.column == "id" else after.value, after.id)
        there = tuple_(column, Flake.id)
        query = query.where(there < here if order.descending else there > here)
    if order.descending:
        return query.order_by(column.desc(), Flake.id.desc())
    return query.order_by(column, Flake.id)


_REVIEWED = exists(select(Review.id).where(Review.flake_id == Flake.id))

# What each field of a filter asks of a flake.
_ASKS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "scan_id": lambda scan_id: Flake.scan_id == scan_id,
    "graphene": Flake.is_graphene.is_,
    "min_area_um2": lambda area: Flake.area_um2 >= area,
    "max_area_um2": lambda area: Flake.area_um2 <= area,
    "min_p": lambda p: Flake.p_graphene >= p,
    "reviewed": lambda reviewed: _REVIEWED if reviewed else ~_REVIEWED,
}


def _conditions(which: FlakeFilter) -> list[ColumnElement[bool]]:
    given = {name: getattr(which, name) for name in _ASKS}
    asked = [_ASKS[name](value) for name, value in given.items() if value is not None]
    if which.layers:
        asked.append(Flake.layers.in_(which.layers))
    return [Flake.is_lost.is_(False), *asked]
