"""Survey: where on a tile flakes may lie, seen on half of its rows and columns."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.coding import ZERO, Code
from service.vision.kinds import BRIGHTEST, CELL_PX, DARKEST, all_within, flat, in_cells

# As far as a blurred edge reaches, and a little more: what is one thing here is cut out whole.
NEAR = np.ones((5, 5), np.uint8)
# Over so many pixels of the half a flat place is looked for: a strip has no more.
SQUARE = np.ones((2, 2), np.uint8)
# So many of them in a thing, and a flake may begin there.
MIN_FLAT_PX = 2
# Beyond a thing's own pixels: what is looked at around a flake's outline, and a little more, in
# whole cells.
MARGIN_PX = 3 * CELL_PX


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of the tile around one thing.

    Attributes
    ----------
    top, bottom, left, right : int
        First row, end row, first column, end column; they begin with a cell.
    thing : int
        Number of the thing it was made for.
    """

    top: int
    bottom: int
    left: int
    right: int
    thing: int

    @property
    def area_px(self) -> int:
        """Pixels of the rectangle."""
        return (self.bottom - self.top) * (self.right - self.left)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What stands out on a tile.

    Attributes
    ----------
    things : (ceil(h / 4), ceil(w / 4)) int32
        Number of the thing that lies in each cell, 0 where the substrate is bare.
    places : tuple of Place
        One around each thing that may hold a flake. They may overlap.
    """

    things: NDArray[np.int32]
    places: tuple[Place, ...]


def survey(code: Code, least_px: int) -> Survey:
    """Survey a tile for flakes of at least `least_px` pixels."""
    levels = cv2.split(code.half())
    noise = code.noise
    bare = all_within(levels, ZERO - noise.level, ZERO + noise.level)
    near = cv2.dilate(cv2.bitwise_not(bare), NEAR)
    thin = all_within(levels, (DARKEST,) * 3, (BRIGHTEST,) * 3)
    level = flat(levels, noise.step, SQUARE)
    able = np.asarray(cv2.bitwise_and(cv2.subtract(thin, bare), level), np.uint8)
    cell_px = CELL_PX // 2
    # What is near is so wide that one pixel of each cell shows it.
    cells = np.ascontiguousarray(near[::cell_px, ::cell_px])
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    things = np.asarray(labels, np.int32)
    able_px = in_cells(able, things, count, cell_px)
    area_px = stats[:, cv2.CC_STAT_AREA] * CELL_PX**2
    found = np.flatnonzero((able_px >= MIN_FLAT_PX) & (area_px >= least_px))
    return Survey(things, tuple(_around(stats, n, code.size_px) for n in found.tolist() if n))


def _around(stats: NDArray[Any], thing: int, size_px: tuple[int, int]) -> Place:
    left, top, width, height, _ = (stats[thing] * CELL_PX).tolist()
    return Place(
        max(top - MARGIN_PX, 0),
        min(top + height + MARGIN_PX, size_px[0]),
        max(left - MARGIN_PX, 0),
        min(left + width + MARGIN_PX, size_px[1]),
        thing,
    )
