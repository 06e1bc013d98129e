"""A tile whose coded contrast is given."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.coding import ZERO, Noise

NOISE = Noise(step=np.full(3, 7.0), level=np.full(3, 9.0))


@dataclass(frozen=True, slots=True, eq=False)
class GivenCode:
    """Codes a tile as what it was given."""

    coded: NDArray[np.uint8]
    noise: Noise = NOISE

    @property
    def size_px(self) -> tuple[int, int]:
        """Rows and columns."""
        height, width = self.coded.shape[:2]
        return height, width

    def half(self) -> NDArray[np.uint8]:
        """Mean of every two rows and columns, the last one doubled where it is left alone."""
        height, width = self.size_px
        even = cv2.copyMakeBorder(self.coded, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        size = even.shape[1] // 2, even.shape[0] // 2
        return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)

    def cut(self, rows: slice, columns: slice) -> NDArray[np.uint8]:
        """A part of it."""
        return self.coded[rows, columns]


def empty(height: int, width: int) -> NDArray[np.uint8]:
    """Bare substrate."""
    return np.full((height, width, 3), ZERO, np.uint8)
