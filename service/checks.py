"""Check values that come from outside; each error names the value and its limit."""

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from service.errors import Conflict, InvalidValue, NotFound

# From beyond the resolution of light to a camera without an objective.
UM_PER_PX_RANGE = (0.001, 100.0)
# Wafers are sold up to a few hundred nm; thicker oxide than this shows no flake.
OXIDE_NM_RANGE = (1.0, 2000.0)
# Ten metres: no stage goes farther, and a value beyond is in another unit.
STAGE_UM_RANGE = (-1e7, 1e7)
# The study's scans have up to 100,000 tiles; a single row of ten times that is a mistake.
GRID_RANGE = (-1_000_000, 1_000_000)
# A square metre: no chip is larger.
AREA_UM2_RANGE = (0, 1e12)
LAYERS_RANGE = (1, 100)


def check_range(name: str, value: float | None, limits: tuple[float, float]) -> None:
    """Refuse a value that is not a number within limits; None passes.

    Raises
    ------
    InvalidValue
    """
    if value is not None and not is_within(value, limits):
        low, high = limits
        raise InvalidValue(f"{name} is {value:g}; it has to be from {low:g} to {high:g}.")


def is_within(value: float, limits: tuple[float, float]) -> bool:
    """Tell whether a number is finite and within limits, both included."""
    return math.isfinite(value) and limits[0] <= value <= limits[1]


def check_text(name: str, value: str | None, longest: int) -> None:
    """Refuse an empty or too long text, or one with control characters; None passes."""
    if value is None:
        return
    if not value.strip():
        raise InvalidValue(f"{name} is empty.")
    if len(value) > longest:
        raise InvalidValue(f"{name} has {len(value)} characters; {longest} are allowed.")
    # Line breaks and tabs are for notes. A NUL cannot be stored by every database.
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in value):
        raise InvalidValue(f"{name} holds a control character.")
    # Half of a pair: no database and no answer can hold it.
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidValue(f"{name} holds half of a surrogate pair, which is no character.")


def check_same_settings(
    scan_id: int, known: Mapping[str, object], given: Mapping[str, object]
) -> None:
    """Refuse to go on with a scan under other settings than it has; None is no setting.

    Raises
    ------
    Conflict
    """
    for name, value in given.items():
        there = known[name]
        if value is not None and not _is_same(there, value):
            raise Conflict(
                f"This is here already as scan {scan_id}, with {name} {_words(there)}, not "
                f"{_words(value)}: change it with `flakescope scan set {scan_id}` "
                f"(PATCH /v1/scans/{scan_id}), or send it as a new one with --again (again=true)."
            )


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other


def _words(value: object) -> str:
    return "unknown" if value is None else str(value)


def check_pair(names: tuple[str, str], values: tuple[float | None, float | None]) -> None:
    """Refuse one without the other."""
    if (values[0] is None) != (values[1] is None):
        given, missing = names if values[1] is None else names[::-1]
        raise InvalidValue(f"{given} is given without {missing}: give both or neither.")


def check_one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not on the list."""
    if value not in allowed:
        raise InvalidValue(f"{name} is {value!r}; it has to be one of {', '.join(allowed)}.")


Row = TypeVar("Row")


def found(row: Row | None, what: str) -> Row:
    """Return the row; raises `NotFound` where there is none ("scan 7", "flake 12")."""
    if row is None:
        raise NotFound(f"There is no {what}.")
    return row


MOST_PER_PAGE = 1000


def check_limit(limit: int) -> None:
    """Raise `InvalidValue` where a page would be empty or too long."""
    if not 1 <= limit <= MOST_PER_PAGE:
        raise InvalidValue(f"limit is {limit}; it has to be from 1 to {MOST_PER_PAGE}.")


def write_cursor(sort: str, value: float | None, row_id: int) -> str:
    """Encode the cursor of a page's end: the sort, the last row's value in it, and its id."""
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
