"""Read tables of positions (CSV and the like): columns, units, cells."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing, folders_around
from service.formats.plausible import missing_note
from service.formats.side_file import number, read_start, read_text
from service.formats.table_numbers import plain_number, units_of_row, with_decimal_marks
from service.vision.units import um_per_unit

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
    """What a column holds.

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
    """The columns that matter, each the first that has its meaning."""
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
    """What stands in a column of a line."""
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
    """A whole number; raises `InvalidValue` for another."""
    value = number_in(where, cells, column)
    if value is not None and not value.is_integer():
        raise InvalidValue(f"{where}: {column.meaning} is {value:g}, not a whole number.")
    return None if value is None else int(value)


_ENDINGS = (".csv", ".tsv", ".txt")
# A first line of a million letters is no heading.
_LONGEST_HEADING = 10_000
# Tables of flakes that we wrote name tiles and positions too.
_OUR_OWN = {"p_graphene", "flake", "flake_id"}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: dict[str, Column]
    lines: list[tuple[int, list[str]]]


def read_position_table(listing: Listing) -> FolderScan | None:
    """Tiles that a table lists with row and column or stage position; None without such a table.

    Raises
    ------
    InvalidValue
        A cell that should hold a number does not.
    """
    notes: list[str] = []
    tiles: dict[str, FolderTile] = {}
    side_files: list[str] = []
    for table in _tables(listing):
        found = _read(listing, table, notes)
        if found:
            side_files.append(table.name)
            # Of several tables the first wins; they are read in natural order.
            tiles = {**found, **tiles}
    if not tiles:
        return None
    return FolderScan(
        format="table of positions (CSV)",
        tiles=list(tiles.values()),
        notes=notes,
        side_files=tuple(side_files),
    )


def _read(listing: Listing, table: _Table, notes: list[str]) -> dict[str, FolderTile]:
    """Tiles of one table by the names of their files; the first line of a file wins."""
    tiles: dict[str, FolderTile] = {}
    missing: list[str] = []
    others: list[int] = []
    table = replace(table, columns=with_decimal_marks(table.name, table.columns, table.lines))
    for line, cells in table.lines:
        written = text_in(cells, table.columns["file"])
        name = listing.find_image(written, *folders_around(table.name)) if written else None
        if name is None:
            missing.append(written or f"line {line}")
            continue
        tile = _tile(listing, table, name, line, cells)
        if tiles.setdefault(name, tile) != tile:
            others.append(line)
    if len(others) > len(tiles):
        # Flakes have several places on one image; tiles do not.
        notes.append(f"{table.name} states many places for each image: they are none of tiles.")
        return {}
    if others:
        count = f"{len(others)} images, first" if len(others) > 1 else "an image"
        notes.append(f"{table.name} states a second place for {count} in line {others[0]}.")
    notes.extend(missing_note(table.name, missing))
    notes.extend(_unit_note(table))
    return tiles


def _tables(listing: Listing) -> Iterator[_Table]:
    for name in listing.others_named(*_ENDINGS):
        heading = re.split(r"[\r\n]", read_start(listing, name, _LONGEST_HEADING), maxsplit=1)[0]
        mark = max(",;\t", key=heading.count)
        headings = next(csv.reader([heading], delimiter=mark), [])
        columns = columns_of(headings)
        if not _says_where(columns) or _OUR_OWN & {one.strip() for one in headings}:
            continue
        rows = csv.reader(io.StringIO(read_text(listing, name), newline=""), delimiter=mark)
        try:
            lines = [(rows.line_num, cells) for cells in rows if any(cells)]
        except csv.Error as error:
            raise InvalidValue(f"{name}, line {rows.line_num}: {error}.") from error
        lines = lines[1:]
        with_units = units_of_row(columns, lines[0][1]) if lines else None
        if with_units is not None:
            columns, lines = with_units, lines[1:]
        yield _Table(name, columns, lines)


def _says_where(columns: dict[str, Column]) -> bool:
    return "file" in columns and any(
        pair <= columns.keys() for pair in ({"x", "y"}, {"row", "col"})
    )


def _tile(listing: Listing, table: _Table, name: str, line: int, cells: list[str]) -> FolderTile:
    where = f"{table.name}, line {line}"
    columns = table.columns
    values = {
        meaning: number_in(where, cells, columns[meaning])
        for meaning in ("x", "y", "z", "um_per_px")
        if meaning in columns
    }
    row, col = (
        whole_in(where, cells, columns[axis]) if axis in columns else None
        for axis in ("row", "col")
    )
    um_per_px = values.get("um_per_px")
    return FolderTile(
        path=listing.path(name),
        row=row,
        col=col,
        stage_x_um=values.get("x"),
        stage_y_um=values.get("y"),
        stage_z_um=values.get("z"),
        um_per_px=um_per_px if um_per_px else None,
    )


def _unit_note(table: _Table) -> list[str]:
    if {"x", "y"} <= table.columns.keys() and table.columns["x"].um is None:
        return [f"{table.name} names no unit for x and y: micrometres are taken."]
    return []
