"""A flat field as a picture: how it is kept, and how it is read for tiles of one size."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidValue
from service.vision.decode import decode
from service.vision.flat_field import REDUCTION

# Of the mean light, what 16 bits hold: no field of view is four times as bright in one place.
FULL_SCALE = 4.0
# Noise and specks of a picture must not go into every tile.
SMOOTH_PX = 2.0
# The field that is in use, and that of a scan beside it: 28 MB each at 1920x1200.
MOST_KEPT = 2


def write_light(field: NDArray[np.float32]) -> bytes:
    """PNG, 16 bit, of a learnt flat field; light varies slowly, so it is kept reduced."""
    height, width = field.shape[:2]
    size = (max(width // REDUCTION, 1), max(height // REDUCTION, 1))
    small = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
    scaled = np.clip(np.rint(small / FULL_SCALE * 65535), 1, 65535).astype(np.uint16)
    _, png = cv2.imencode(".png", cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR))
    return png.tobytes()


@lru_cache(maxsize=MOST_KEPT)
def read_light(picture: bytes, width_px: int, height_px: int) -> NDArray[np.float32]:
    """Light at each pixel of a tile, (height, width, 3), mean 1; not to be written to.

    Raises
    ------
    InvalidImage, TooLarge
        The picture cannot be read.
    InvalidValue
        It is neither as large as the tile nor its reduced form.
    """
    pixels = decode(picture).pixels.astype(np.float32)
    height, width = pixels.shape[:2]
    if (width, height) == (width_px, height_px):
        field = cv2.GaussianBlur(pixels, (0, 0), SMOOTH_PX)
    elif (width, height) == (max(width_px // REDUCTION, 1), max(height_px // REDUCTION, 1)):
        field = cv2.resize(pixels, (width_px, height_px))
    else:
        raise InvalidValue(
            f"The flat field is {width}x{height} px, the tile {width_px}x{height_px}: "
            "they have to be of one size."
        )
    even = np.asarray(field / np.maximum(field.mean(axis=(0, 1)), 1e-6), np.float32)
    even.setflags(write=False)
    return even
