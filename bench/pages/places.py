"""Places deep in a list, without walking there."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bench.pages.calls import Call
from service.checks import write_cursor
from service.db.engine import Sessions
from service.db.tables import Flake

# Every so many flakes one is kept.
_EVERY = 50


class Sample:
    """Some of the flakes, from which cursors are made."""

    def __init__(self, sessions: Sessions) -> None:
        columns = (
            Flake.id,
            Flake.scan_id,
            Flake.area_um2,
            Flake.p_graphene,
            Flake.layers,
            Flake.is_graphene,
            Flake.is_reviewed,
        )
        with sessions() as session:
            query = select(*columns).where(Flake.id % _EVERY == 0).order_by(Flake.id)
            self._rows = [dict(row) for row in session.execute(query).mappings()]

    def placed(self, call: Call) -> Call:
        """The call with the cursor of the place where it begins."""
        return replace(call, cursor=self._cursor(call))

    def _cursor(self, call: Call) -> str | None:
        if call.deep is None:
            return None
        column = call.sort.removeprefix("-")
        known = [row for row in self._rows if row[column] is not None and _fits(row, call)]
        if not known:
            return None
        known.sort(key=lambda row: (row[column], row["id"]), reverse=call.sort.startswith("-"))
        row = known[int(call.deep * len(known))]
        return write_cursor(call.sort, row[column], row["id"])


def _fits(row: dict[str, Any], call: Call) -> bool:
    if call.scan_id is not None and row["scan_id"] != call.scan_id:
        return False
    asked = call.filters
    area, least, most = row["area_um2"], asked.get("min_area_um2"), asked.get("max_area_um2")
    return (
        row["is_graphene"] == asked.get("graphene", row["is_graphene"])
        and row["is_reviewed"] == asked.get("reviewed", row["is_reviewed"])
        and row["p_graphene"] >= asked.get("min_p", 0)
        and (not asked.get("layers") or row["layers"] in asked["layers"])
        and (least is None or (area is not None and area >= least))
        and (most is None or (area is not None and area <= most))
    )
