"""Plans: what the database does for each statement, and whether it reads or sorts a whole table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

# With as many rows a scan of the whole table is what the database should do.
_SMALL = ("flake_count", "scan", "model_version", "substrate")


class Statements:
    """Different statements that an engine executes, each with the parameters that it first had."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    @contextmanager
    def of(self, engine: Engine) -> Iterator[None]:
        """Listen during the block."""
        event.listen(engine, "before_cursor_execute", self._note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT") and "flake" in statement:
            self.seen.setdefault(statement, parameters)


def plan_of(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """The plan, a line a step."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [str(row[3]) for row in rows]
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return [str(row[0]) for row in rows]


def faults(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """Steps that read or sort a whole table."""
    if connection.dialect.name == "sqlite":
        return [line for line in plan_of(connection, statement, parameters) if _is_scan(line)]
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    found = rows.scalar_one()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return list(_faults(plan))


def _is_scan(line: str) -> bool:
    """Whether a line of SQLite's plan reads all of a table, be it through an index."""
    words = line.split()
    return words[0] == "SCAN" and words[1] in ("flake", "review", "tile", "detection")


def _faults(node: dict[str, Any]) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if kind in ("Seq Scan", "Parallel Seq Scan") and table not in _SMALL:
        yield f"{kind} on {table}"
    if "Index" in kind and table not in _SMALL and "Index Cond" not in node and _is_open(node):
        yield f"{kind} over all of {table}"
    if kind == "Sort" and not _is_bounded(node):
        yield "Sort of " + ", ".join(map(str, node["Sort Key"]))
    for child in node.get("Plans", []):
        yield from _faults(child)


def _is_open(node: dict[str, Any]) -> bool:
    return "Bitmap" not in node["Node Type"]


def _is_bounded(node: dict[str, Any]) -> bool:
    """Whether what comes in has a limit, is of a small table, or of a list of ids."""
    children = node.get("Plans", [])
    if node["Node Type"] == "Limit" or node.get("Relation Name") in _SMALL:
        return True
    if not children:
        return "ANY" in str(node.get("Index Cond", ""))
    return all(_is_bounded(child) for child in children)
