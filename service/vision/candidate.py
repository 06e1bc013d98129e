"""A candidate: a region of one tile that may be a flake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A region that may be a flake, in pixels of its tile.

    Attributes
    ----------
    x, y : int
        Column and row of the mask's top-left corner.
    mask : (h, w) bool
        True on the flake. The array is the bounding box, not the whole tile.
    """

    x: int
    y: int
    mask: NDArray[np.bool_]

    @property
    def bbox_px(self) -> tuple[int, int, int, int]:
        """Left, top, width, height."""
        return self.x, self.y, int(self.mask.shape[1]), int(self.mask.shape[0])
