"""Thumbnail: a tile small enough to keep beside its row, and any tile in 8 bits for a screen."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Longest side. A tile of 1920 px is drawn from it where the map has 8 px or more to one of its own.
THUMBNAIL_PX = 160
# Some 4 kB: blocks begin to show at 70.
_QUALITY = 80
# Enough rows for four to each of the thumbnail's: all of them would cost 2 ms instead of 0.5.
_ROWS = 4 * THUMBNAIL_PX

# What cameras give in 16 bits. Between them the brightest pixel alone would decide.
_DEPTHS = (8, 10, 12, 14, 16)

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
Rgb8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """A thumbnail as JPEG, and the bits of the tile's numbers, whose largest is white."""

    jpeg: bytes
    depth_bits: int


def small_picture(pixels: Pixels) -> SmallPicture:
    """Make the thumbnail of a tile, (height, width, 3) RGB."""
    height, width = pixels.shape[:2]
    step = max(1, height // _ROWS, width // _ROWS)
    size = size_within((width, height), THUMBNAIL_PX)
    reduced = cv2.resize(pixels[::step], size, interpolation=cv2.INTER_AREA)
    depth_bits = depth_of(pixels)
    return SmallPicture(jpeg_of(eight_bit(reduced, depth_bits), _QUALITY), depth_bits)


def depth_of(pixels: Pixels) -> int:
    """Tell the bit depth: 8, or the bits that a camera's numbers in 16 have."""
    if pixels.dtype == np.uint8:
        return 8
    brightest = int(pixels.max())
    return next(depth for depth in _DEPTHS if brightest < 2**depth)


def eight_bit(pixels: NDArray[Any], depth_bits: int) -> Rgb8:
    """Convert to 8 bit for a screen: the largest number of so many bits is white; 8 bit stays."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    scaled = cv2.convertScaleAbs(pixels, alpha=255 / (2**depth_bits - 1))
    return np.asarray(scaled, np.uint8)


def size_within(size_px: tuple[int, int], most_px: int) -> tuple[int, int]:
    """Width and height with a longest side of at most `most_px`; never larger than before."""
    ratio = min(1.0, most_px / max(size_px))
    return max(1, round(size_px[0] * ratio)), max(1, round(size_px[1] * ratio))


def jpeg_of(pixels: Rgb8, quality: int) -> bytes:
    """Encode an RGB picture as JPEG."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


def picture_of(jpeg: bytes, reduction: int = 1) -> Rgb8:
    """Decode a thumbnail to RGB; reduced by 2, 4 or 8 it is unpacked in half the time."""
    flags = {
        1: cv2.IMREAD_COLOR_RGB,
        2: cv2.IMREAD_REDUCED_COLOR_2,
        4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }
    pixels = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags[reduction]), np.uint8)
    # Only the whole picture can be had as RGB.
    return pixels if reduction == 1 else np.ascontiguousarray(pixels[..., ::-1])
