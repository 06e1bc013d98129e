"""Rows of a table as lines of JSON, and back: the same for SQLite and PostgreSQL."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, insert, select

from service.db.base import UtcDateTime

# Rows in memory at once: a flake with its outline is about 2 kB.
_AT_ONCE = 2000


def write_rows(connection: Connection, table: Table, path: Path) -> int:
    """Write every row of a table, after a line with the names of its columns; how many."""
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(table))
    count = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=5) as file:
        file.write(_line([column.name for column in table.columns]))
        for row in rows:
            file.write(_line([_plain(value) for value in row]))
            count += 1
    return count


def read_rows(connection: Connection, table: Table, path: Path) -> int:
    """Insert the rows that `write_rows` wrote; how many."""
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as file:
        columns = [table.columns[name] for name in json.loads(file.readline())]
        rows = ({c.name: _typed(c.type, v) for c, v in _pairs(columns, line)} for line in file)
        while some := list(islice(rows, _AT_ONCE)):
            connection.execute(insert(table), some)
            count += len(some)
    return count


def _pairs(columns: list[Any], line: str) -> Iterator[tuple[Any, Any]]:
    return zip(columns, json.loads(line), strict=True)


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return b64decode(value)
    return value
