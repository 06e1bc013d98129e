"""Drop what cannot be true of a scan as it was read, and complete what follows from the rest."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import floor
from pathlib import Path

import numpy as np

from service.checks import UM_PER_PX_RANGE
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.image_size import image_facts
from service.formats.listing import Listing
from service.formats.names import lettered_grid, with_unique_names

ORIENTATION_NOT_STATED = (
    "How the images lie on the stage is not stated: their x and y are taken to run along its x "
    "and y."
)


def grid_directions(tiles: Sequence[FolderTile]) -> list[str]:
    """Hints at a flip or a swap: rows that do not run along stage y, columns not along x."""
    known = [
        (tile.row, tile.col, tile.stage_x_um, tile.stage_y_um)
        for tile in tiles
        if tile.row is not None and tile.stage_x_um is not None
    ]
    if len(known) < 3:
        return []
    row, col, x, y = np.asarray(known, np.float64).T
    columns = _run("Columns", "xy", along=_agreement(col, x), across=_agreement(col, y))
    rows = _run("Rows", "yx", along=_agreement(row, y), across=_agreement(row, x))
    return [hint for hint in (columns, rows) if hint is not None]


def _agreement(index: np.ndarray, position_um: np.ndarray) -> float:
    """Correlation of two series; 0 where one of them does not change."""
    index, position_um = index - index.mean(), position_um - position_um.mean()
    norm = float(np.linalg.norm(index) * np.linalg.norm(position_um))
    return float(index @ position_um) / norm if norm > 0 else 0.0


def _run(words: str, axes: str, *, along: float, across: float) -> str | None:
    # Nearly all of the way, or the grid is no plain one and tells nothing.
    if abs(across) > 0.9 and abs(along) < 0.5:
        return f"{words} run along stage {axes[1]}: the images may need swap_xy."
    if along < -0.9:
        return f"{words} run towards smaller stage {axes[0]}: the images may need flip_{axes[0]}."
    return None


# Ten metres and a million rows, as a scan accepts them: beyond, a value is in another unit.
STAGE_UM_LIMIT = 1e7
GRID_LIMIT = 1_000_000
MOST_NOTES = 30
# No two tiles of a scan lie within this part of one, and no objective makes smaller pixels.
_NEAR_SHARE = 20
_FINEST_UM_PER_PX = 0.02
# Of fewer images nothing can be said: a stage may come back.
_FEWEST_NEAR = 3

Step = Callable[[list[FolderTile], list[str]], list[FolderTile]]


def drop_implausible(scan: FolderScan, root: Path) -> FolderScan:
    """Clean a scan: unknown positions None, places and names unique, and a scale of its own."""
    tiles, notes = list(scan.tiles), list(scan.notes)
    for step in _STEPS:
        tiles = step(tiles, notes)
    um_per_px = _common_scale(scan.um_per_px, tiles, notes)
    if not scan.orientation_stated and any(_stage(tile) is not None for tile in tiles):
        notes.append(ORIENTATION_NOT_STATED)
        notes.extend(grid_directions(tiles))
    return replace(
        scan,
        tiles=with_unique_names(tiles, root),
        um_per_px=um_per_px,
        notes=_few([_summary(tiles, um_per_px), *notes]),
    )


def _drop_impossible(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    settled = [_possible(tile) for tile in tiles]
    changed = sum(new is not old for new, old in zip(settled, tiles, strict=True))
    if changed:
        notes.append(
            f"{changed} tiles had half a position or one out of range; it is taken as unknown."
        )
    return settled


def _possible(tile: FolderTile) -> FolderTile:
    stage = (tile.stage_x_um, tile.stage_y_um)
    grid = (tile.row, tile.col)
    low, high = UM_PER_PX_RANGE
    if stage != (None, None) and not all(_within(value, STAGE_UM_LIMIT) for value in stage):
        tile = replace(tile, stage_x_um=None, stage_y_um=None)
    if grid != (None, None) and not all(_within(value, GRID_LIMIT) for value in grid):
        tile = replace(tile, row=None, col=None)
    if tile.stage_z_um is not None and not _within(tile.stage_z_um, STAGE_UM_LIMIT):
        tile = replace(tile, stage_z_um=None)
    if tile.um_per_px is not None and not low <= tile.um_per_px <= high:
        tile = replace(tile, um_per_px=None)
    return tile


def _within(value: float | None, limit: float) -> bool:
    return value is not None and -limit <= value <= limit


def _drop_placeholders(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    """Positions that a stage which was not asked leaves: all the same, or exactly 0 again."""
    counts = Counter(place for tile in tiles if (place := _stage(tile)) is not None)
    unread = {place for place, count in counts.items() if count > 1 and place == (0, 0)}
    # Exactly 0, and nothing else known: so it is written for a stage that is moved by hand.
    if len(counts) == 1 and counts.total() == len(tiles) and (len(tiles) > 1 or (0, 0) in counts):
        unread = set(counts)
    if unread:
        ((x_um, y_um),) = unread
        notes.append(
            f"{counts[x_um, y_um]} tiles state one and the same stage position, x {x_um:g} um, "
            f"y {y_um:g} um: it was not read from the stage, and is taken as unknown."
        )
    return [
        replace(tile, stage_x_um=None, stage_y_um=None) if _stage(tile) in unread else tile
        for tile in tiles
    ]


def _drop_impossibly_near(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    """Positions of many images within a fraction of one: they are in another unit than um."""
    places = {tile.path: place for tile in tiles if (place := _stage(tile)) is not None}
    if len(set(places.values())) < _FEWEST_NEAR:
        return tiles
    first = next(tile for tile in tiles if tile.path in places)
    facts = image_facts(first.path)
    if facts.width_px is None or facts.height_px is None:
        return tiles
    um_per_px = first.um_per_px or facts.um_per_px or _FINEST_UM_PER_PX
    near_um = min(facts.width_px, facts.height_px) * um_per_px / _NEAR_SHARE
    cells = {(floor(x / near_um), floor(y / near_um)) for x, y in places.values()}
    if 2 * len(cells) > len(set(places.values())):
        return tiles
    notes.append(
        f"{len(places):,} images state positions within {near_um:.3g} um of each other, a "
        "twentieth of an image: they are no micrometres, and are taken as unknown. Name their "
        "unit, as x_mm and y_mm."
    )
    return [replace(tile, stage_x_um=None, stage_y_um=None) for tile in tiles]


def _drop_zero_focus(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    # Nobody is harmed by an unknown focus, but an objective by a wrong one.
    if any(tile.stage_z_um for tile in tiles) or all(tile.stage_z_um is None for tile in tiles):
        return tiles
    notes.append("The focus is 0 for every tile and is taken as unknown.")
    return [replace(tile, stage_z_um=None) for tile in tiles]


def _drop_repeated_grid(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    places = [(tile.row, tile.col) for tile in tiles if tile.row is not None]
    if len(set(places)) == len(places):
        return tiles
    # Software that knows no grid writes row 0 and column 0 everywhere: that is no news.
    if len(set(places)) > 1:
        place, count = Counter(places).most_common(1)[0]
        notes.append(
            f"Row {place[0]}, column {place[1]} stands for {count} tiles: rows and columns are "
            "not used."
        )
    return [replace(tile, row=None, col=None) for tile in tiles]


def _drop_repeated_stage(tiles: list[FolderTile], notes: list[str]) -> list[FolderTile]:
    kept: dict[object, FolderTile] = {}
    repeated = []
    for index, tile in enumerate(tiles):
        known = tile.row is None and _stage(tile) is not None
        first = kept.setdefault(_stage(tile) if known else index, tile)
        if first is not tile:
            repeated.append(tile)
    if repeated:
        notes.append(
            f"{len(repeated)} tiles are left out: others stand at the same stage position. "
            f"One is {repeated[0].path.name}."
        )
    return list(kept.values())


def _grid_from_names(tiles: list[FolderTile], _notes: list[str]) -> list[FolderTile]:
    """Rows and columns that every file's name states with letters, where nothing else does."""
    grids = [lettered_grid(tile.path.name) for tile in tiles if not tile.pages]
    known = {grid for grid in grids if grid is not None}
    if any(tile.row is not None for tile in tiles) or len(known) != len(tiles):
        return tiles
    return [
        replace(tile, row=grid[0], col=grid[1])
        for tile, grid in zip(tiles, grids, strict=True)
        if grid is not None
    ]


def _stage(tile: FolderTile) -> tuple[float, float] | None:
    if tile.stage_x_um is None or tile.stage_y_um is None:
        return None
    # To the nanometre, as a scan tells positions apart; adding 0 turns -0 into 0.
    return round(tile.stage_x_um, 3) + 0.0, round(tile.stage_y_um, 3) + 0.0


def _common_scale(
    stated: float | None, tiles: Sequence[FolderTile], notes: list[str]
) -> float | None:
    scales = {tile.um_per_px for tile in tiles if tile.um_per_px is not None}
    if len(scales) > 1 and max(scales) > 1.001 * min(scales):
        low, high = min(scales), max(scales)
        notes.append(f"The tiles have different scales, from {low:g} to {high:g} um per pixel.")
        return None
    if scales:
        return min(scales)
    low, high = UM_PER_PX_RANGE
    return stated if stated is not None and low <= stated <= high else None


def _few(notes: list[str]) -> list[str]:
    """No more notes than a person reads: a thousand damaged files make a thousand."""
    if len(notes) <= MOST_NOTES:
        return notes
    return [*notes[: MOST_NOTES - 1], f"There are {len(notes) - MOST_NOTES + 1:,} more notes."]


def _summary(tiles: Sequence[FolderTile], um_per_px: float | None) -> str:
    stage = sum(_stage(tile) is not None for tile in tiles)
    grid = sum(tile.row is not None for tile in tiles)
    scale = "scale unknown" if um_per_px is None else f"{um_per_px:g} um per pixel"
    return (
        f"{len(tiles):,} tiles: {stage:,} with a stage position, {grid:,} with row and column; "
        f"{scale}."
    )


_STEPS: tuple[Step, ...] = (
    _drop_impossible,
    _drop_placeholders,
    _drop_impossibly_near,
    _drop_zero_focus,
    _drop_repeated_grid,
    _grid_from_names,
    _drop_repeated_stage,
)


_DIGITS = re.compile(r"[0-9]+")


def with_images_nobody_lists(scan: FolderScan, listing: Listing) -> FolderScan:
    """Add unlisted images to the scan, as tiles without positions.

    Descriptions are written in steps: after a crash the last tiles are missing in them. Images of
    other kinds, other names or in other folders are overviews and results, and only counted.
    """
    listed = {tile.path for tile in scan.tiles} | {listing.path(name) for name in scan.accounted}
    unlisted = [path for path in map(listing.path, listing.images) if path not in listed]
    if not unlisted:
        return scan
    is_alike = _likeness(listed)
    among = [path for path in unlisted if is_alike(path)]
    other = [path for path in unlisted if not is_alike(path)]
    notes = list(scan.notes)
    if among:
        notes.append(f"Without a description are {_counted(among)}; their positions are unknown.")
    if other:
        notes.append(f"Left out as no tiles of this scan are {_counted(other)}.")
    tiles = [*scan.tiles, *(FolderTile(path=path) for path in among)]
    return replace(scan, tiles=tiles, notes=notes)


def missing_note(side_file: str, missing: Iterable[str]) -> list[str]:
    """Note the images that a description lists and the folder does not hold."""
    names = list(missing)
    if not names:
        return []
    few = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return [f"{side_file} lists {len(names):,} images that are not in the folder: {few}."]


def _likeness(listed: set[Path]) -> Callable[[Path], bool]:
    """Build a test of whether an image has the folder and kind of the listed, and a name like them.

    Names that differ in more than their numbers were given by hand: then any name is like them.
    """
    places = {(path.parent, path.suffix.lower()) for path in listed}
    patterns = {_pattern(path) for path in listed}
    by_hand = 2 * len(patterns) > len(listed)
    return lambda path: (
        (path.parent, path.suffix.lower()) in places and (by_hand or _pattern(path) in patterns)
    )


def _pattern(path: Path) -> str:
    return _DIGITS.sub("0", path.stem)


def _counted(paths: list[Path]) -> str:
    few = ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    return f"{len(paths):,} images: {few}"
