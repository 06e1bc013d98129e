"""Positions in Bio-Formats' "reference frame": numbers without a unit, told by the tiles' size."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from service.formats.folder_scan import FolderTile
from service.formats.image_size import image_facts

_UM_PER = {"um": 1.0, "mm": 1e3, "m": 1e6}
# Neighbours of a scan overlap by no more than this, and have no wider gaps.
_NEAREST = 0.4
_FARTHEST = 1.1
# Fewer tiles have no grid that tells anything.
_FEWEST = 3
_MOST_COMPARED = 2000

Frames = Mapping[tuple[Path, tuple[int, ...]], tuple[float, float]]


def with_reference_frame(
    tiles: list[FolderTile], frames: Frames, notes: list[str]
) -> list[FolderTile]:
    """The tiles with positions where one unit alone lays them side by side, else without."""
    numbers = [frames.get((tile.path, tile.pages)) for tile in tiles]
    known = [one for one in numbers if one is not None]
    if not known:
        return tiles
    words = f'{len(known):,} images state positions whose unit is "reference frame", which is none'
    units = _fitting(tiles, known) if len(known) == len(tiles) else []
    if len(units) != 1:
        notes.append(f"{words}: they are taken as unknown.")
        return tiles
    ((name, um),) = units
    notes.append(f"{words}: only as {name} they lie side by side, and are taken so.")
    return [
        tile
        if one is None
        else replace(tile, stage_x_um=round(one[0] * um, 6), stage_y_um=round(one[1] * um, 6))
        for tile, one in zip(tiles, numbers, strict=True)
    ]


def _fitting(
    tiles: Sequence[FolderTile], known: Sequence[tuple[float, float]]
) -> list[tuple[str, float]]:
    """Units in which the nearest neighbours are about a tile apart."""
    um_per_px = tiles[0].um_per_px
    facts = image_facts(tiles[0].path)
    if um_per_px is None or facts.width_px is None or facts.height_px is None:
        return []
    apart = _nearest(np.asarray(known[:_MOST_COMPARED], np.float64))
    if len(known) < _FEWEST or apart <= 0:
        return []
    shortest, longest = (side(facts.width_px, facts.height_px) * um_per_px for side in (min, max))
    units = {**_UM_PER, "pixels": um_per_px}
    return [
        (name, um)
        for name, um in units.items()
        if _NEAREST * shortest <= apart * um <= _FARTHEST * longest
    ]


def _nearest(places: np.ndarray) -> float:
    """The usual distance, along the farther axis, to the nearest other place."""
    distances = np.abs(places[:, None] - places[None, :]).max(axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.median(distances.min(axis=1)))
