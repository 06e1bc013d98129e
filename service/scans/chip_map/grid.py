"""Grid: tiles whose place on the stage nobody knows, laid side by side. Pure."""

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def cells(named: Sequence[tuple[int | None, int | None]], sizes_px: NDArray[np.int64]) -> Float:
    """Top left corner of each tile, (n, 2) px: by row and column, those without below, in order.

    All cells are as large as the largest tile.
    """
    if not named:
        return np.zeros((0, 2))
    known = [(row, col) for row, col in named if row is not None and col is not None]
    top = min((row for row, _ in known), default=0)
    left = min((col for _, col in known), default=0)
    below = max((row for row, _ in known), default=top - 1) + 1
    others = len(named) - len(known)
    width = max(ceil(sqrt(others)), 1)
    places: list[tuple[int, int]] = []
    number = 0
    for row, col in named:
        if row is not None and col is not None:
            places.append((col - left, row - top))
        else:
            places.append((number % width, below - top + number // width))
            number += 1
    corners: Float = np.array(places, np.float64) * sizes_px.max(axis=0)
    return corners
