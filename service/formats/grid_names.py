"""Rows and columns that the names of images state."""

import re
from collections.abc import Callable, Sequence

from service.formats.relative_names import base_of, folder_of, stem_of

Grid = tuple[int, int]

_ROW = r"r(?:ow)?[ _.-]?(?P<row>[0-9]{1,6})"
_COLUMN = r"c(?:ol|olumn)?[ _.-]?(?P<col>[0-9]{1,6})"
_GAP = r"[ _.,-]?"
# "tile_r001_c002", "row1 col2", "R3C4", and with the column first.
_LETTERED = tuple(
    re.compile(rf"(?:^|[^a-z]){first}{_GAP}{second}(?![0-9a-z])", re.IGNORECASE)
    for first, second in ((_ROW, _COLUMN), (_COLUMN, _ROW))
)
# "1-Pos001_002": Micro-Manager's tile dialog writes the column first (TileCreator.setLabel).
_POSITION = re.compile(
    r"(?:^|[^a-z])pos_?(?P<col>[0-9]{2,6})_(?P<row>[0-9]{2,6})(?![0-9])", re.IGNORECASE
)
# "3_4", "tile_3_4", "tile-003-004".
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
    if words != _BARE_WORDS:
        return True
    rows, columns = ({grid[axis] for grid in found} for axis in (0, 1))
    area = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    return len(found) >= _FILLED * area


def _position_grid(name: str) -> Grid | None:
    # The label is the name of the file or, with one folder a position, that of its folder.
    return _match((_POSITION,), stem_of(name)) or _match((_POSITION,), base_of(folder_of(name)))


def _bare_grid(name: str) -> Grid | None:
    return _match((_BARE,), stem_of(name))


def _match(patterns: Sequence[re.Pattern[str]], text: str) -> Grid | None:
    for pattern in patterns:
        match = pattern.search(text)
        if match is not None:
            return int(match["row"]), int(match["col"])
    return None


_BARE_WORDS = "row_column"
_PATTERNS: dict[str, Callable[[str], Grid | None]] = {
    "r and c with numbers": lettered_grid,
    "Pos with column_row, as Micro-Manager's tile dialog writes it": _position_grid,
    _BARE_WORDS: _bare_grid,
}
