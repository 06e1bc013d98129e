"""Originals, decoded: who looks at flake after flake of a tile waits for its decoder once."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.db.blobs import BlobStore
from service.scans.shelf import Shelf
from service.vision.background import background_surface
from service.vision.decode import decode
from service.vision.normalise import BLACK, CELL_PX

# A dozen tiles of a usual camera; a larger image than all of it is decoded each time.
MOST_BYTES = 96 * 2**20


class Original:
    """A decoded image: its pixels, and what they would be if no flake lay there.

    Attributes
    ----------
    pixels : (height, width, 3) uint8 or uint16
        RGB.
    brightest : int
        In the place of full scale, for 16 bit.
    """

    def __init__(self, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
        self.pixels = pixels
        self.brightest = 255 if pixels.dtype == np.uint8 else max(int(pixels.max()), 1)
        self._background: NDArray[np.float32] | None = None

    @property
    def background(self) -> NDArray[np.float32]:
        """(rows, columns, 3) float32 in the pixels' unit, each `CELL_PX` pixels; sought once.

        As `normalise` has it, without what a picture does not need: noise and sharpness.
        """
        if self._background is None:
            height, width = self.pixels.shape[:2]
            size = max(width // CELL_PX, 1), max(height // CELL_PX, 1)
            whole = self.pixels[: size[1] * CELL_PX, : size[0] * CELL_PX]
            half = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            small: NDArray[Any] = cv2.resize(
                half.astype(np.float32), size, interpolation=cv2.INTER_AREA
            )
            surface, _ = background_surface(small / np.float32(self.brightest))
            full = np.maximum(surface, BLACK) * self.brightest
            self._background = np.asarray(full, np.float32)
        return self._background


class Originals:
    """The originals that were looked at last; shared by threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._shelf: Shelf[Original] = Shelf(most_bytes, lambda original: original.pixels.nbytes)

    def open(self, blobs: BlobStore, name: str) -> Original:
        """The decoded image of a blob.

        Raises
        ------
        NotFound
            There is no such blob.
        InvalidImage, TooLarge
            It is no image that can be read.
        """
        return self._shelf.get(name, lambda: Original(decode(blobs.get(name)).pixels))
