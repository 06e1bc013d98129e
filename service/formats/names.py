"""Read positions from file names: rows and columns, coordinates, natural order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from service.formats.folder_scan import FolderTile


def folder_of(name: str) -> str:
    """Take the folder part of a name; empty at the top."""
    return name.rpartition("/")[0]


def base_of(name: str) -> str:
    """Take the last part of a name."""
    return name.rpartition("/")[2]


def stem_of(name: str) -> str:
    """Take the last part of a name without its suffix, and without the ".ome" before it."""
    base = base_of(name)
    stem = base.rpartition(".")[0] or base
    return stem[:-4] if stem.lower().endswith(".ome") else stem


def suffix_of(name: str) -> str:
    """Take the suffix in small letters with its point; empty where there is none."""
    stem, point, suffix = base_of(name).rpartition(".")
    return point + suffix.lower() if stem else ""


_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[str | int, ...], str]


def natural_key(name: str) -> NaturalKey:
    """Key that sorts numbers inside names by their value; equal values by the names themselves."""
    # Text and numbers alternate, so that equal places always hold the same type.
    parts = _DIGITS.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name


Grid = tuple[int, int]

_ROW = r"r(?:ow)?[ _.-]?(?P<row>[0-9]{1,6})"
_COLUMN = r"c(?:ol|olumn)?[ _.-]?(?P<col>[0-9]{1,6})"
_GAP = r"[ _.,-]?"
# "tile_r001_c002", "row1 col2", "R3C4", and with the column first.
_LETTERED = tuple(
    re.compile(rf"(?:^|[^a-z]){first}{_GAP}{second}(?![0-9a-z])", re.IGNORECASE)
    for first, second in ((_ROW, _COLUMN), (_COLUMN, _ROW))
)
# "tile_x1_y0", "x003-y004", "X1Y2": x counts columns, y rows.
_NAMED_AXES = tuple(
    re.compile(rf"(?:^|[^a-z]){first}{_GAP}{second}(?![0-9a-z])", re.IGNORECASE)
    for first, second in (
        (r"x[ _.-]?(?P<col>[0-9]{1,6})", r"y[ _.-]?(?P<row>[0-9]{1,6})"),
        (r"y[ _.-]?(?P<row>[0-9]{1,6})", r"x[ _.-]?(?P<col>[0-9]{1,6})"),
    )
)
# "1-Pos001_002": Micro-Manager's tile dialog writes the column first (TileCreator.setLabel).
_POSITION = re.compile(
    r"(?:^|[^a-z])pos_?(?P<col>[0-9]{2,6})_(?P<row>[0-9]{2,6})(?![0-9])", re.IGNORECASE
)
# "3_4", "tile_3_4", "tile-003-004": programs write the row first, others x.
_BARE = re.compile(r"(?:^|^tile[ _-]?)(?P<row>[0-9]{1,6})[_-](?P<col>[0-9]{1,6})$", re.IGNORECASE)
# Two bare numbers may be anything, as a date and a time; a grid of tiles has no such holes.
_FILLED = 0.2


def lettered_grid(name: str) -> Grid | None:
    """Row and column where letters say which is which: "tile_r001_c002"."""
    return _match(_LETTERED, stem_of(name))


def grids_of(names: Sequence[str]) -> tuple[list[Grid | None], str] | None:
    """Row and column of each name, and how they were written; None if that is no pattern.

    At least half of the names have to follow it, and no two may have the same place.
    """
    for words, grid_of in _PATTERNS.items():
        grids = [grid_of(name) for name in names]
        if _is_grid([grid for grid in grids if grid is not None], len(names), words):
            return grids, words
    return None


def _is_grid(found: Sequence[Grid], count: int, words: str) -> bool:
    if not found or 2 * len(found) < count or len(set(found)) < len(found):
        return False
    if words != BARE_WORDS:
        return True
    rows, columns = ({grid[axis] for grid in found} for axis in (0, 1))
    area = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    return len(found) >= _FILLED * area


def _position_grid(name: str) -> Grid | None:
    # The label is the name of the file or, with one folder a position, that of its folder.
    return _match((_POSITION,), stem_of(name)) or _match((_POSITION,), base_of(folder_of(name)))


def _axes_grid(name: str) -> Grid | None:
    return _match(_NAMED_AXES, stem_of(name))


def _bare_grid(name: str) -> Grid | None:
    return _match((_BARE,), stem_of(name))


def _match(patterns: Sequence[re.Pattern[str]], text: str) -> Grid | None:
    for pattern in patterns:
        match = pattern.search(text)
        if match is not None:
            return int(match["row"]), int(match["col"])
    return None


BARE_WORDS = "two numbers"
_PATTERNS: dict[str, Callable[[str], Grid | None]] = {
    "r and c with numbers": lettered_grid,
    "x and y with numbers": _axes_grid,
    "Pos with column_row, as Micro-Manager's tile dialog writes it": _position_grid,
    BARE_WORDS: _bare_grid,
}


LONGEST_NAME = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def with_unique_names(tiles: Sequence[FolderTile], root: Path) -> list[FolderTile]:
    """Name the tiles, each by the first of these names that no other tile has.

    What the software called it, the file's name, the file's path below `root`.
    """
    parts = [f"#{'-'.join(map(str, tile.pages))}" if tile.pages else "" for tile in tiles]
    bases = [tile.path.name + part for tile, part in zip(tiles, parts, strict=True)]
    paths = [
        tile.path.relative_to(root).as_posix() + part
        for tile, part in zip(tiles, parts, strict=True)
    ]
    given = [tile.name or base for tile, base in zip(tiles, bases, strict=True)]
    # Paths whose letters are no text may look alike: their numbers tell them apart.
    numbered = [f"{number} {_safe(path)}" for number, path in enumerate(paths, 1)]
    for names in (given, bases, paths, numbered):
        safe = [_safe(name) for name in names]
        if len(set(safe)) == len(safe):
            return _named(tiles, safe)
    return _named(tiles, [str(number) for number in range(1, len(tiles) + 1)])


def _named(tiles: Sequence[FolderTile], names: Sequence[str]) -> list[FolderTile]:
    return [replace(tile, name=name) for tile, name in zip(tiles, names, strict=True)]


def _safe(name: str) -> str:
    # Names of files may hold bytes that are no text.
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    # The end tells tiles apart, the beginning is the folder that they share.
    return _CONTROL.sub("_", text)[-LONGEST_NAME:]
