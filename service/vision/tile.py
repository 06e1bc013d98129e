"""A tile: one image of a scan, as every later step sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One decoded microscope image.

    Attributes
    ----------
    pixels : (height, width, 3) uint8 or uint16
        RGB. A grey image has three equal channels. Only `normalise` makes 16 bit smaller.
    um_per_px : float or None
        Scale; None where unknown.
    oxide_nm : float or None
        SiO2 thickness; None where unknown.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    um_per_px: float | None = None
    oxide_nm: float | None = None

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])
