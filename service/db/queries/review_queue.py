"""Windows of flakes that nobody reviewed; each is one stretch of an index, whatever the number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from service.db.tables import Flake, FlakeCount, Scan

# More layers than this is graphite to whoever looks for graphene: 1-4 are usable.
MOST_USABLE_LAYERS = 4


@dataclass(frozen=True, slots=True)
class Window:
    """Which flakes, and how many of them."""

    scan_id: int | None
    size: int


def near_threshold(session: Session, window: Window) -> list[Flake]:
    """The flakes next to the threshold: the least sure of both verdicts."""
    graphene = select(Flake).where(_open(window, is_graphene=True))
    other = select(Flake).where(_open(window, is_graphene=False))
    return [
        *session.scalars(graphene.order_by(Flake.p_graphene, Flake.id).limit(window.size)),
        *session.scalars(
            other.order_by(Flake.p_graphene.desc(), Flake.id.desc()).limit(window.size)
        ),
    ]


def optics_disagree(session: Session, window: Window) -> list[Flake]:
    """The newest that have few layers by optics and are no graphene, and the other way round."""
    few = [
        and_(_open(window, is_graphene=False), Flake.layers == layers)
        for layers in range(1, MOST_USABLE_LAYERS + 1)
    ]
    none = and_(_open(window, is_graphene=True), Flake.layers.is_(None))
    return list(_newest(session, [*few, none], window.size))


def _newest(
    session: Session, stretches: Sequence[ColumnElement[bool]], size: int
) -> Iterator[Flake]:
    for stretch in stretches:
        query = select(Flake).where(stretch).order_by(Flake.layers, Flake.id.desc()).limit(size)
        yield from session.scalars(query)


def oxides_of_scans(session: Session, *, reviewed: bool) -> dict[int, float]:
    """Oxide of the scans that state it, by scan; or of those that have reviews."""
    query = select(Scan.id, Scan.oxide_nm).where(Scan.oxide_nm.is_not(None))
    if reviewed:
        some = select(FlakeCount.scan_id).where(
            FlakeCount.is_reviewed.is_(True), FlakeCount.flakes > 0
        )
        query = query.where(Scan.id.in_(some))
    return {scan_id: oxide_nm for scan_id, oxide_nm in session.execute(query) if oxide_nm}


def _open(window: Window, *, is_graphene: bool) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [
        Flake.is_graphene.is_(is_graphene),
        Flake.is_reviewed.is_(False),
        Flake.is_lost.is_(False),
    ]
    if window.scan_id is not None:
        conditions.insert(0, Flake.scan_id == window.scan_id)
    return and_(*conditions)
