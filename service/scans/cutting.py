"""Cutting: a picture of one flake from the tile that shows it best."""

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import NotFound
from service.vision.decode import decode

# On each side: a quarter of the flake's longer side, and enough to see where a small one lies.
_MARGIN = 0.25
_LEAST_MARGIN_PX = 16


def cut(image: bytes, box_px: tuple[int, int, int, int]) -> bytes:
    """PNG, 8 bit, of a box (x, y, width, height) of an image and some of what lies around it.

    Raises
    ------
    NotFound
        The box lies outside the image, as after the image was replaced by a smaller one.
    """
    pixels = decode(image).pixels
    x, y, width, height = box_px
    margin = max(_LEAST_MARGIN_PX, round(_MARGIN * max(width, height)))
    height_px, width_px = pixels.shape[:2]
    if x >= width_px or y >= height_px:
        raise NotFound("The flake lies outside its tile's present image.")
    rows = slice(max(y - margin, 0), y + height + margin)
    columns = slice(max(x - margin, 0), x + width + margin)
    part = _eight_bit(pixels[rows, columns], int(pixels.max()))
    _, png = cv2.imencode(".png", cv2.cvtColor(part, cv2.COLOR_RGB2BGR))
    return png.tobytes()


def _eight_bit(pixels: NDArray[np.uint8] | NDArray[np.uint16], brightest: int) -> NDArray[np.uint8]:
    """For a screen: 16 bit is scaled so that the tile's brightest pixel is white."""
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels, np.uint8)
    return (pixels.astype(np.float32) * (255 / max(brightest, 1))).astype(np.uint8)
