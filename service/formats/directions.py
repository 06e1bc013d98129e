"""Directions: how rows and columns run on the stage, where nothing else tells the orientation."""

from collections.abc import Sequence

import numpy as np

from service.formats.folder_scan import FolderTile

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
