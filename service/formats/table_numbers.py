"""Decimal marks of a table: judged over all of its numbers, never cell by cell."""

import re
from collections.abc import Sequence
from dataclasses import replace

from service.errors import InvalidValue
from service.formats.position_table import Column, unit_in

# Between groups of thousands: spaces of all widths, and the Swiss apostrophe.
_BETWEEN = re.compile("[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}'’]")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})*")
_MEASURES = ("x", "y", "z", "um_per_px")

Lines = Sequence[tuple[int, list[str]]]


def plain_number(written: str, decimal: str) -> str:
    """A number without its marks of thousands, and with a point."""
    plain = _BETWEEN.sub("", written)
    return plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")


def with_decimal_marks(name: str, columns: dict[str, Column], lines: Lines) -> dict[str, Column]:
    """The columns, each with the decimal mark of the table.

    Raises
    ------
    InvalidValue
        Commas may be thousands marks as well as decimal ones, or are both in one table.
    """
    used = [column for meaning, column in columns.items() if meaning in _MEASURES]
    cells = [
        _BETWEEN.sub("", cells[column.index])
        for _, cells in lines
        for column in used
        if column.index < len(cells)
    ]
    marks = {mark for mark in map(_decimal_of, cells) if mark is not None}
    if len(marks) > 1:
        raise InvalidValue(
            f"{name} has numbers with a decimal point and others with a decimal comma: write all "
            "in one way."
        )
    open_to_both = next((cell for cell in cells if "," in cell), None)
    if not marks and open_to_both is not None:
        as_thousands, as_decimal = open_to_both.replace(",", ""), open_to_both.replace(",", ".")
        raise InvalidValue(
            f"{name} states {open_to_both!r}, and every number like it, which is {as_thousands} "
            f"with a thousands mark or {as_decimal} with a decimal comma: write one of these."
        )
    decimal = marks.pop() if marks else "."
    return {meaning: replace(column, decimal=decimal) for meaning, column in columns.items()}


def _decimal_of(cell: str) -> str | None:
    """The decimal mark that a number must have; None where it may have either."""
    points, commas = cell.count("."), cell.count(",")
    if points and commas:
        # The last of both is the decimal mark.
        return "." if cell.rfind(".") > cell.rfind(",") else ","
    if not points and not commas:
        return None
    mark, other = (".", ",") if points else (",", ".")
    if points + commas > 1:
        return other
    # "5,407" may be either. So may "5.407", but a point in English is what programs write.
    return None if _GROUPED.fullmatch(cell) else mark


def units_of_row(columns: dict[str, Column], cells: list[str]) -> dict[str, Column] | None:
    """The columns with the units of a row that holds nothing else, below the headings."""
    stated = {
        meaning: unit_in(_in_brackets(cells[column.index]))
        for meaning, column in columns.items()
        if meaning in ("x", "y", "z") and column.index < len(cells)
    }
    if stated.get("x") is None or stated.get("y") is None:
        return None
    return {
        meaning: replace(column, um=stated[meaning]) if stated.get(meaning) else column
        for meaning, column in columns.items()
    }


def _in_brackets(written: str) -> str:
    return written.strip().strip("[]()").strip()
