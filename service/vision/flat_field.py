"""Flat field: how a microscope lights its field of view, learnt from the tiles of a scan."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.background import background_surface

# Light varies slowly: the field is kept on an image this many times smaller than a tile.
REDUCTION = 8
# The median over so many tiles knows no flakes; more would only cost memory (0.4 MB each).
ENOUGH_TILES, MOST_TILES = 5, 60


class FlatField:
    """Median light over the tiles of one size.

    Unlike the surface fitted to a single tile it also follows what no smooth surface does, such as
    the shadow of dust in the light path, and it knows the light where a tile is all covered.
    """

    def __init__(self) -> None:
        self._size_px = (0, 0)
        self._fields: list[NDArray[np.float32]] = []

    def add(self, pixels: NDArray[Any]) -> None:
        """Take in a tile, (height, width, 3) of any unsigned type; past 60 tiles they are ignored.

        Raises
        ------
        ValueError
            It has another size than the tiles before.
        """
        height, width = pixels.shape[:2]
        if self._fields and (width, height) != self._size_px:
            before = f"{self._size_px[0]}x{self._size_px[1]}"
            raise ValueError(f"a tile of {width}x{height} px among tiles of {before} px")
        self._size_px = (width, height)
        if len(self._fields) == MOST_TILES:
            return
        small_size = (max(width // REDUCTION, 1), max(height // REDUCTION, 1))
        small = cv2.resize(pixels, small_size, interpolation=cv2.INTER_AREA)
        share = np.maximum(small.astype(np.float32) / float(np.iinfo(pixels.dtype).max), 1e-3)
        _, bare = background_surface(share)
        if bare.mean() < 0.1:
            return  # hardly any substrate: its level is not known
        # Each tile's own level drops out: exposure may change, the field does not.
        self._fields.append(np.log(share / np.median(share[bare], axis=0)))

    def estimate(self) -> NDArray[np.float32] | None:
        """Light at each pixel, (height, width, 3), mean 1; None from too few tiles."""
        if len(self._fields) < ENOUGH_TILES:
            return None
        field = np.exp(cv2.resize(np.median(self._fields, axis=0), self._size_px))
        return np.asarray(field / field.mean(axis=(0, 1)), np.float32)
