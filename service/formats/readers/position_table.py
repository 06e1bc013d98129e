"""Read tables of positions (CSV and the like): columns, units, cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing, folders_around
from service.formats.plausible import missing_note
from service.formats.readers.table_columns import (
    Column,
    columns_of,
    number_in,
    text_in,
    units_of_row,
    whole_in,
    with_decimal_marks,
)
from service.formats.side_file import read_start, read_text

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
