"""Cells of a table: numbers as several labs and countries write them."""

from service.errors import InvalidValue
from service.formats.table_columns import Column
from service.formats.values import number

_EMPTY = {"", "na", "n/a", "nan", "none", "null", "-", "?"}


def text_in(cells: list[str], column: Column) -> str:
    """What stands in a column of a line."""
    return cells[column.index].strip() if column.index < len(cells) else ""


def number_in(where: str, cells: list[str], column: Column) -> float | None:
    """A number in um, with a decimal point or comma; the last of both is the decimal mark.

    `where` names file and line; raises `InvalidValue` where something else stands.
    """
    written = text_in(cells, column)
    if written.casefold() in _EMPTY:
        return None
    plain = written.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    value = number(plain)
    if value is None:
        raise InvalidValue(f"{where}: {column.meaning} is {written[:40]!r}, not a number.")
    return round(value * (column.um if column.um is not None else 1.0), 9)


def whole_in(where: str, cells: list[str], column: Column) -> int | None:
    """A whole number; raises `InvalidValue` for another."""
    value = number_in(where, cells, column)
    if value is not None and not value.is_integer():
        raise InvalidValue(f"{where}: {column.meaning} is {value:g}, not a whole number.")
    return None if value is None else int(value)
