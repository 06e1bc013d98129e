"""Images with nothing beside them: row and column by their names, or no position at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from service.errors import FlakescopeError
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing
from service.formats.names import BARE_WORDS, Grid, grids_of
from service.vision.decode import decode
from service.vision.overlap import Look, find_shift, look_at

# Pairs of neighbours that are compared: each takes two images, and two that agree are enough.
_MOST_PAIRS = 8
_FEWEST_AGREEING = 2
# A neighbour lies mostly along one axis; what lies askew is no neighbour.
_ALONG = 3.0


def read_file_names(listing: Listing) -> FolderScan | None:
    """Tiles with row and column from their names; None where the names follow no pattern.

    Two bare numbers are row and column, or x and y: what neighbours show in common decides. Where
    they have nothing in common, the numbers are not used.
    """
    found = grids_of(listing.images)
    if found is None:
        return None
    grids, words = found
    notes = []
    if words == BARE_WORDS:
        order = _order(listing, grids)
        if order is None:
            notes.append(
                "The names hold two numbers each, which may be row and column or x and y, and the "
                "images do not show which: they are not used. Name them r0_c1 or x1_y0."
            )
        words = f"{BARE_WORDS}, {order or 'in an unknown order'}"
        grids = _in_order(grids, order)
    places = [(None, None) if grid is None else grid for grid in grids]
    unknown = grids.count(None)
    if unknown and len(notes) == 0:
        notes.append(f"{unknown:,} names state no row and column.")
    return FolderScan(
        format=f"images with row and column in their names ({words})",
        tiles=[
            FolderTile(path=listing.path(name), row=row, col=col)
            for name, (row, col) in zip(listing.images, places, strict=True)
        ],
        notes=notes,
    )


_ROW_FIRST, _X_FIRST = "row first by the images' overlap", "x first by the images' overlap"


def _in_order(grids: Sequence[Grid | None], order: str | None) -> list[Grid | None]:
    if order is None:
        return [None for _ in grids]
    swap = order == _X_FIRST
    return [grid if grid is None or not swap else (grid[1], grid[0]) for grid in grids]


def _order(listing: Listing, grids: Sequence[Grid | None]) -> str | None:
    """Which number counts along the images' x, by a few pairs of neighbours; None if unclear."""
    paths = {
        grid: listing.path(name)
        for grid, name in zip(grids, listing.images, strict=True)
        if grid is not None
    }
    looks: dict[Path, Look | None] = {}
    votes = {_ROW_FIRST: 0, _X_FIRST: 0}
    for one, other, is_second in _pairs(paths):
        along = _runs_along_x(_look(one, looks), _look(other, looks))
        if along is not None:
            # The second number is a column where it runs along x.
            votes[_ROW_FIRST if along == is_second else _X_FIRST] += 1
    won = max(votes, key=lambda order: votes[order])
    if votes[won] < min(_FEWEST_AGREEING, len(paths) - 1) or 2 * votes[won] <= sum(votes.values()):
        return None
    return won if sum(votes.values()) - votes[won] <= votes[won] // 4 else None


def _pairs(paths: Mapping[Grid, Path]) -> list[tuple[Path, Path, bool]]:
    """Neighbours by either number, spread over the scan, and whether the second number differs."""
    pairs = [
        (paths[first, second], paths[beside], is_second)
        for first, second in sorted(paths)
        for beside, is_second in (((first, second + 1), True), ((first + 1, second), False))
        if beside in paths
    ]
    chosen = np.linspace(0, len(pairs) - 1, min(len(pairs), _MOST_PAIRS)).astype(int)
    return [pairs[index] for index in dict.fromkeys(chosen.tolist())] if pairs else []


def _look(path: Path, looks: dict[Path, Look | None]) -> Look | None:
    if path not in looks:
        try:
            looks[path] = look_at(decode(path.read_bytes()).pixels)
        except (OSError, FlakescopeError):
            # A damaged image fails alone when it is screened.
            looks[path] = None
    return looks[path]


def _runs_along_x(one: Look | None, other: Look | None) -> bool | None:
    """Whether the other lies beside the one, and not above or below; None where unclear."""
    shift = None if one is None or other is None else find_shift(one, other)
    if shift is None:
        return None
    x, y = abs(shift.x_px), abs(shift.y_px)
    if max(x, y) < _ALONG * min(x, y):
        return None
    return x > y


def read_plain(listing: Listing) -> FolderScan | None:
    """Read every image as a tile that is known by its name alone, in natural order."""
    return FolderScan(
        format="images without positions",
        tiles=[FolderTile(path=listing.path(name)) for name in listing.images],
    )
