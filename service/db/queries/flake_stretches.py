"""Stretches of an index of flakes, in SQL: where they begin, how far they go, what fits a filter.

The statements are text: building them from parts takes longer than running them. Names in them
are those of columns; every value is a parameter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.db.queries.flakes import FlakeFilter, Order, PageEnd
from service.db.tables import SORTED_BY

# Is graphene, is reviewed.
Cell = tuple[bool, bool]

Range = tuple[float | None, float | None]

_READ = ", ".join(SORTED_BY)


@dataclass(frozen=True, slots=True)
class Sql:
    """Text with its parameters."""

    text: str
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A list from a place on: of the flakes whose value is known, or of those without.

    Attributes
    ----------
    where : Sql
        What lies in it; always true where the text is empty.
    """

    order: Order
    where: Sql
    order_by: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search for flakes: the filter, the cells, and how far each stretch may go."""

    which: FlakeFilter
    order: Order
    cells: Sequence[Cell]
    bound: int

    @property
    def ranges(self) -> dict[str, Range]:
        """The range that the filter leaves of each column that it asks about."""
        which = self.which
        ranges: dict[str, Range] = {}
        if which.layers:
            ranges["layers"] = min(which.layers), max(which.layers)
        if which.min_area_um2 is not None or which.max_area_um2 is not None:
            ranges["area_um2"] = which.min_area_um2, which.max_area_um2
        if which.min_p is not None:
            ranges["p_graphene"] = which.min_p, None
        return ranges


def known(order: Order, after: PageEnd | None) -> Part:
    """Select the flakes whose value is known, behind a place."""
    column, way = order.column, " DESC" if order.descending else ""
    if column == "id":
        return Part(order, _behind(order, after), f"id{way}")
    where = Sql(f"{column} IS NOT NULL")
    if after is not None:
        sign = "<" if order.descending else ">"
        given = {"at_value": after.value, "at_id": after.id}
        where = Sql(f"({column}, id) {sign} (:at_value, :at_id)", given)
    return Part(order, where, f"{column}{way}, id{way}")


def unknown(order: Order, after: PageEnd | None) -> Part:
    """Select the flakes without a value, by their ids, behind a place."""
    where = _all([Sql(f"{order.column} IS NULL"), _behind(order, after)])
    # PostgreSQL takes an index for the order only where all its columns are named.
    way = " DESC" if order.descending else ""
    return Part(order, where, f"{order.column}{way}, id{way}")


def count(search: Search, column: str) -> Sql:
    """Entries in the range of a column, up to one over the bound, and how many of them match."""
    most, fits = search.bound + 1, matches(search)
    whole = Part(
        Order(column, descending=False), Sql(""), column if column == "id" else f"{column}, id"
    )
    entries = in_cells(search, lambda cell: entries_of(search, cell, whole, most))
    return Sql(
        f"SELECT count(*) AS seen, count(CASE WHEN {fits.text} THEN 1 END) AS matching "
        f"FROM ({entries.text} LIMIT {most}) AS entry",
        entries.given | fits.given,
    )


def walk(search: Search, cell: Cell, part: Part, most: int) -> Sql:
    """Select the first flakes of a part that match, in its order; both databases keep it."""
    entries, fits = entries_of(search, cell, part, search.bound), matches(search)
    return Sql(
        f"SELECT {part.order.column} AS value, id FROM ({entries.text}) AS entry "
        f"WHERE {fits.text} LIMIT {most}",
        entries.given | fits.given,
    )


def gather(search: Search, cell: Cell, part: Part, along: str, most: int) -> Sql:
    """Select the same as `walk` along another column, in whose range there are few."""
    whole = Part(Order(along, descending=False), Sql(""), f"{along}, id")
    entries = entries_of(search, cell, whole, search.bound + 1)
    fits = _all([matches(search), part.where])
    return Sql(
        f"SELECT {part.order.column} AS value, id FROM ({entries.text}) AS entry "
        f"WHERE {fits.text} ORDER BY {part.order_by} LIMIT {most}",
        entries.given | fits.given,
    )


def last_seen(search: Search, cell: Cell, part: Part) -> Sql:
    """Select the entry at which a walk stops; none where its cell ends first."""
    entries = entries_of(search, cell, part, search.bound)
    return Sql(
        f"SELECT {part.order.column} AS value, id FROM ({entries.text}) AS entry "
        f"LIMIT 1 OFFSET {search.bound - 1}",
        entries.given,
    )


def in_cells(search: Search, one: Callable[[Cell], Sql]) -> Sql:
    """Join one statement for all cells (UNION ALL); the first column tells which."""
    each = [one(cell) for cell in search.cells]
    given: dict[str, Any] = {}
    for sql in each:
        given |= sql.given
    selects = (
        f"SELECT {n} AS cell, part.* FROM ({sql.text}) AS part" for n, sql in enumerate(each)
    )
    return Sql(" UNION ALL ".join(selects), given)


def entries_of(search: Search, cell: Cell, part: Part, most: int) -> Sql:
    """Select a stretch of one index in its order, lost flakes among them."""
    graphene, reviewed = (str(one).lower() for one in cell)
    asked = [Sql(f"is_graphene = {graphene}"), Sql(f"is_reviewed = {reviewed}"), part.where]
    if search.which.scan_id is not None:
        asked.append(Sql("scan_id = :scan_id", {"scan_id": search.which.scan_id}))
    column = part.order.column
    if column in search.ranges:
        asked.append(_in_range(column, search.ranges[column]))
    where = _all(asked)
    return Sql(
        f"SELECT {_READ}, is_lost FROM flake WHERE {where.text} "
        f"ORDER BY {part.order_by} LIMIT {most}",
        where.given,
    )


def matches(search: Search) -> Sql:
    """Write the condition that an entry matches the filter."""
    asked = [Sql("NOT is_lost"), *(_in_range(name, one) for name, one in search.ranges.items())]
    if search.which.layers:
        names = [f"layers_{n}" for n in range(len(search.which.layers))]
        listed = ", ".join(f":{name}" for name in names)
        given = dict(zip(names, search.which.layers, strict=True))
        asked.append(Sql(f"layers IN ({listed})", given))
    return _all(asked)


def _in_range(column: str, range_: Range) -> Sql:
    least, most = range_
    asked = []
    if least is not None:
        asked.append(Sql(f"{column} >= :least_{column}", {f"least_{column}": least}))
    if most is not None:
        asked.append(Sql(f"{column} <= :most_{column}", {f"most_{column}": most}))
    return _all(asked)


def _behind(order: Order, after: PageEnd | None) -> Sql:
    if after is None:
        return Sql("")
    return Sql(f"id {'<' if order.descending else '>'} :at_id", {"at_id": after.id})


def _all(asked: Sequence[Sql]) -> Sql:
    given: dict[str, Any] = {}
    for sql in asked:
        given |= sql.given
    return Sql(" AND ".join(sql.text for sql in asked if sql.text), given)
