"""Queries about flakes, and the words in which pages of them are asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.db.tables import SORTED_BY, Detection, Flake


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakeFilter:
    """A filter of flakes; None (or no layers) means any. Lost flakes never match."""

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
class PageEnd:
    """A page's end: the value of the sort's column, and the id."""

    value: float | None
    id: int


SORTS: dict[str, InstrumentedAttribute[Any]] = {name: getattr(Flake, name) for name in SORTED_BY}


def flakes_on_tile(session: Session, tile_id: int) -> list[Flake]:
    """Flakes that a detection on this tile belongs to, whichever tile shows them best."""
    on_tile = select(Detection.flake_id).where(Detection.tile_id == tile_id)
    return list(session.scalars(select(Flake).where(Flake.id.in_(on_tile)).order_by(Flake.id)))


def flakes_by_id(session: Session, flake_ids: Collection[int]) -> dict[int, Flake]:
    """Find some flakes by their id."""
    if not flake_ids:
        return {}
    found = session.scalars(select(Flake).where(Flake.id.in_(flake_ids)))
    return {flake.id: flake for flake in found}


def lost_flakes_of_tile(session: Session, tile_id: int) -> list[Flake]:
    """Reviewed flakes that this tile showed before it was replaced."""
    query = select(Flake).where(Flake.tile_id == tile_id, Flake.is_lost.is_(True))
    return list(session.scalars(query.order_by(Flake.id)))
