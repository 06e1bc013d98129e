"""Where on a chip there is still room."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.raster import fill
from service.render.shapes import Polygon

# A crowded chip has no place left for a large flake: after this many tries it is left out.
TRIES = 40
CELL_UM = 1.0
# Neighbours closer than an objective can tell apart would be one thing on the image.
GAP_UM = 1.5


class Space:
    """Which square micrometres of a chip are taken by things that must stay uncovered."""

    def __init__(self, rng: Generator, width_um: float, height_um: float) -> None:
        self._rng = rng
        self._size_um = np.array([width_um, height_um])
        width, height = np.ceil(self._size_um / CELL_UM).astype(int).tolist()
        self._taken: NDArray[np.bool_] = np.zeros((height, width), np.bool_)

    def anywhere(self) -> NDArray[np.float64]:
        """A random point (x, y), taken or not."""
        return np.asarray(self._rng.uniform((0, 0), self._size_um), np.float64)

    def find(self, polygons: Sequence[Polygon]) -> NDArray[np.float64] | None:
        """A shift (x, y) that puts polygons on free ground inside the chip; None without room."""
        corners = np.concatenate(polygons)
        low, high = -corners.min(axis=0), self._size_um - corners.max(axis=0)
        if bool(np.any(low >= high)):
            return None
        for _ in range(TRIES):
            shift = np.asarray(self._rng.uniform(low, high), np.float64)
            if all(self.is_free(polygon + shift) for polygon in polygons):
                return shift
        return None

    def is_free(self, polygon: Polygon) -> bool:
        """Whether a polygon lies on nothing that is taken."""
        filled = self._fill(polygon)
        return filled is None or not self._taken[filled[0]][filled[1]].any()

    def take(self, polygon: Polygon) -> None:
        """Keep what comes later away from a polygon."""
        filled = self._fill(polygon)
        if filled is not None:
            self._taken[filled[0]] |= filled[1]

    def _fill(self, polygon: Polygon) -> tuple[tuple[slice, slice], NDArray[np.bool_]] | None:
        middle = polygon.mean(axis=0)
        outward = polygon - middle
        distance = np.maximum(np.hypot(*outward.T), 1e-6)[:, None]
        wider = middle + outward * (1 + GAP_UM / distance)
        height, width = self._taken.shape
        filled = fill(wider / CELL_UM, width, height)
        return None if filled is None else (filled.where, filled.mask)
