"""Paging: cursors that only this service reads, and limits."""

import base64
import binascii
import json
import math

from service.errors import InvalidValue

MOST_PER_PAGE = 1000


def check_limit(limit: int) -> None:
    """Raise `InvalidValue` where a page would be empty or too long."""
    if not 1 <= limit <= MOST_PER_PAGE:
        raise InvalidValue(f"limit is {limit}; it has to be from 1 to {MOST_PER_PAGE}.")


def write_cursor(sort: str, value: float | None, row_id: int) -> str:
    """Where a page ended: the sort, the last row's value in it, and its id."""
    text = json.dumps([sort, value, row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, sort: str) -> tuple[float | None, int]:
    """Value and id from `write_cursor`; raises `InvalidValue`, also if the sort is another."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        written_sort, value, row_id = json.loads(text)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _not_ours(cursor) from error
    if written_sort != sort:
        raise InvalidValue(
            f"The cursor belongs to sort={written_sort!r}, this call to sort={sort!r}: "
            "start again without the cursor."
        )
    if not (_is_id(row_id) and (value is None or _is_number(value))):
        raise _not_ours(cursor)
    return value, row_id


def _not_ours(cursor: str) -> InvalidValue:
    return InvalidValue(f"{cursor[:100]!r} is no cursor that this service gave.")


def _is_id(value: object) -> bool:
    # What the database can hold as an id: a longer number would be its error, not the caller's.
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 2**63 and math.isfinite(value)
