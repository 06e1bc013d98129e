"""Pages of flakes: read from the indexes of `Flake`, of each never more than a bounded stretch.

A page is read along one of four indexes (by id, area, probability or layers), each in up to four
cells: graphene or not, reviewed or not. Where the filter of one column leaves few flakes, they are
gathered along that column and sorted; else the index of the sort is walked, and what other filters
refuse is passed over, in the index, without a look at the rows.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from service.db.queries.flake_stretches import (
    Cell,
    Part,
    Search,
    Sql,
    count,
    gather,
    in_cells,
    known,
    last_seen,
    unknown,
    walk,
)
from service.db.queries.flakes import FlakeFilter, Order, PageEnd, flakes_by_id
from service.db.tables import Flake, FlakeCount

# Entries of an index that are looked at along one column: some milliseconds of either database.
# More flakes than that are counted as "at least", and a page may end early.
BOUND = 20_000


@dataclass(frozen=True, slots=True)
class FoundFlakes:
    """Some flakes that match, in order.

    Attributes
    ----------
    behind : Place or None
        Where the next page begins; None on the last. A page may be short, even empty, and not be
        the last.
    total : int
        How many match; at least so many where it is not exact.
    """

    flakes: list[Flake]
    behind: PageEnd | None
    total: int
    total_is_exact: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """Along which index the flakes are found, and how many match as far as that is known."""

    column: str
    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Places in order, and where the search stopped before its end."""

    places: list[PageEnd]
    stop: PageEnd | None = None


def find_flakes(
    session: Session,
    which: FlakeFilter,
    order: Order,
    after: PageEnd | None,
    most: int,
    bound: int = BOUND,
) -> FoundFlakes:
    """Find up to `most` flakes that match, behind a place; those without the value come last."""
    sizes = _sizes(session, which)
    search = Search(which, order, tuple(sizes), bound)
    way = _way(session, search, sum(sizes.values()))
    found = _search(session, search, way, after, most + 1) if sizes else _Found([])
    places, behind = found.places[:most], found.stop
    if len(found.places) > most:
        behind = places[-1]
    flakes = flakes_by_id(session, [place.id for place in places])
    shown = [flakes[place.id] for place in places if place.id in flakes]
    return FoundFlakes(shown, behind, way.total, way.is_exact)


def _sizes(session: Session, which: FlakeFilter) -> dict[Cell, int]:
    """Count the flakes of each cell that the filter does not rule out; empty ones left out."""
    cell = FlakeCount.is_graphene, FlakeCount.is_reviewed
    query = select(*cell, func.sum(FlakeCount.flakes)).group_by(*cell)
    for column, value in (
        (FlakeCount.scan_id, which.scan_id),
        (FlakeCount.is_graphene, which.graphene),
        (FlakeCount.is_reviewed, which.reviewed),
    ):
        if value is not None:
            query = query.where(column == value)
    return {(graphene, reviewed): n for graphene, reviewed, n in session.execute(query) if n}


def _way(session: Session, search: Search, everything: int) -> _Way:
    sort, ranges = search.order.column, search.ranges
    if not ranges or not everything:
        return _Way(sort, everything, is_exact=True)
    if everything <= search.bound:
        return _Way(sort, _count(session, search, "id")[1], is_exact=True)
    most = 0
    # The sort's own index first: along it, nothing has to be sorted.
    for column in sorted(ranges, key=lambda name: name != sort):
        seen, matching = _count(session, search, column)
        if seen <= search.bound:
            return _Way(column, matching, is_exact=True)
        most = max(most, matching)
    return _Way(sort, most, is_exact=False)


def _search(
    session: Session, search: Search, way: _Way, after: PageEnd | None, most: int
) -> _Found:
    order, places = search.order, list[PageEnd]()
    if after is None or after.value is not None:
        found = _merged(session, search, way, known(order, after), most)
        if found.stop is not None or len(found.places) >= most:
            return found
        places, after = found.places, None
    # What lies in a range of the column has a value.
    if not Flake.__table__.columns[order.column].nullable or order.column in search.ranges:
        return _Found(places)
    rest = _merged(session, search, way, unknown(order, after), most - len(places))
    return _Found([*places, *rest.places], rest.stop)


def _merged(session: Session, search: Search, way: _Way, part: Part, most: int) -> _Found:
    """Merge the first places of a part over all cells."""
    descending, walks = search.order.descending, way.column == search.order.column
    one = partial(walk, search) if walks else partial(gather, search, along=way.column)
    rows = _rows(session, in_cells(search, lambda cell: one(cell=cell, part=part, most=most)))
    places = sorted((PageEnd(row.value, row.id) for row in rows), key=_rank, reverse=descending)
    stops = _stops(session, search, part, [row.cell for row in rows], most) if walks else []
    if not stops:
        return _Found(places[:most])
    # Behind the first place where one of the cells stopped, another's flakes may be missing.
    first = sorted(stops, key=_rank, reverse=descending)[0]
    sign = -1 if descending else 1
    sure = [place for place in places if _compared(place, first) * sign <= 0][:most]
    return _Found(sure, first if len(sure) < most else None)


def _stops(
    session: Session, search: Search, part: Part, cells_of_rows: list[int], most: int
) -> list[PageEnd]:
    """Find where the walks ended in those cells that gave less than was asked for."""
    short = [cell for n, cell in enumerate(search.cells) if cells_of_rows.count(n) < most]
    found = (_rows(session, last_seen(search, cell, part)) for cell in short)
    return [PageEnd(rows[0].value, rows[0].id) for rows in found if rows]


def _count(session: Session, search: Search, column: str) -> tuple[int, int]:
    row = _rows(session, count(search, column))[0]
    return row.seen, row.matching


def _rows(session: Session, sql: Sql) -> list[Row[Any]]:
    return list(session.execute(text(sql.text), sql.given))


def _rank(place: PageEnd) -> tuple[float, int]:
    return 0 if place.value is None else place.value, place.id


def _compared(one: PageEnd, other: PageEnd) -> int:
    return (_rank(one) > _rank(other)) - (_rank(one) < _rank(other))
