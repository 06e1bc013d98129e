"""Columns of a table of positions, their units and decimal marks, and the numbers in its cells."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.errors import InvalidValue
from service.formats.side_file import number
from service.images.units import um_per_unit

_FILE = {"file", "filename", "imagefile", "imagename", "filepath", "imagepath", "nomearquivo"}
_FILE |= {"arquivo", "datei", "dateiname"}
# These may hold labels instead: taken where no heading says file.
_NAME = {"name", "image", "tile", "tilename", "path", "nome"}
_ROW = {"row", "r", "gridrow", "rowindex", "tilerow", "linha", "zeile"}
_COLUMN = {"col", "column", "c", "gridcol", "gridcolumn", "colindex", "columnindex", "tilecol"}
_COLUMN |= {"tilecolumn", "coluna", "spalte"}
_SCALE = {"umperpx", "umperpixel", "pixelsize", "pixelsizeum", "umpx", "scale"}
# Words around x, y and z that say no more than that they are positions.
_AROUND = {"stage", "pos", "position", "coord", "coordinate", "xy", "xyz", "centre", "center"}
_AROUND |= {"foco", "focus", "tile", "abs", "absolute"}
# "x in um" is in micrometres, not in inches.
_AROUND |= {"in"}
# No stage counts in these, and people use the words otherwise: "x in um", "2 pm".
_NO_UNIT = {"in", "inch", "pm", "å", "a"}
# Pixels of some other picture: no place that a stage can go to.
_NO_LENGTH = {"px", "pixel", "pixels"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column's meaning and unit.

    Attributes
    ----------
    meaning : str
        "file", "row", "col", "x", "y", "z" or "um_per_px".
    um : float or None
        Micrometres of its unit; None where the heading names none.
    decimal : str
        The mark before the fraction of its numbers.
    """

    index: int
    meaning: str
    um: float | None = None
    decimal: str = "."


def columns_of(headings: list[str]) -> dict[str, Column]:
    """Find the columns that matter, each the first that has its meaning."""
    found: dict[str, Column] = {}
    for index, heading in enumerate(headings):
        column = _column(index, heading)
        if column is not None:
            found.setdefault(column.meaning, column)
    name = found.pop("name", None)
    return found if name is None else {"file": replace(name, meaning="file"), **found}


def _column(index: int, heading: str) -> Column | None:
    words = _words(heading)
    joined = "".join(words)
    for meaning, names in (("file", _FILE), ("name", _NAME), ("row", _ROW), ("col", _COLUMN)):
        if joined in names:
            return Column(index, meaning)
    if joined in _SCALE:
        return Column(index, "um_per_px")
    if any(word in _NO_LENGTH for word in words):
        return None
    units = [unit for word in words if (unit := unit_in(word)) is not None]
    rest = [word for word in words if unit_in(word) is None and word not in _AROUND]
    if len(rest) == 1 and rest[0] in ("x", "y", "z") and len(units) <= 1:
        return Column(index, rest[0], units[0] if units else None)
    return None


def unit_in(word: str) -> float | None:
    """Micrometres of a unit that a stage may count in; None for any other word."""
    return None if word.casefold() in _NO_UNIT else um_per_unit(word)


def _words(heading: str) -> list[str]:
    """Words of a heading in small letters, without accents: "StageX [µm]" is stage, x, µm."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFD", parted)
        if not unicodedata.combining(letter)
    )
    return re.findall(r"[^\W_]+", plain.casefold())


_EMPTY = {"", "na", "n/a", "nan", "none", "null", "-", "?"}


def text_in(cells: list[str], column: Column) -> str:
    """Read the text in a column of a line."""
    return cells[column.index].strip() if column.index < len(cells) else ""


def number_in(where: str, cells: list[str], column: Column) -> float | None:
    """A number in um, with the decimal mark of its column.

    `where` names file and line; raises `InvalidValue` where something else stands.
    """
    written = text_in(cells, column)
    if written.casefold() in _EMPTY:
        return None
    value = number(plain_number(written, column.decimal))
    if value is None:
        raise InvalidValue(f"{where}: {column.meaning} is {written[:40]!r}, not a number.")
    return round(value * (column.um if column.um is not None else 1.0), 9)


def whole_in(where: str, cells: list[str], column: Column) -> int | None:
    """Read a whole number; raises `InvalidValue` for another."""
    value = number_in(where, cells, column)
    if value is not None and not value.is_integer():
        raise InvalidValue(f"{where}: {column.meaning} is {value:g}, not a whole number.")
    return None if value is None else int(value)


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
