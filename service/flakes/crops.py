"""Cut a picture of one flake from the tile that shows it best; originals are decoded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.cache import Shelf
from service.checks import check_range
from service.db.blobs import BlobStore
from service.errors import NotFound
from service.flakes.schemas import Look
from service.vision.background import find_background
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
            surface = find_background(small / np.float32(self.brightest)).surface
            full = np.maximum(surface, BLACK) * self.brightest
            self._background = np.asarray(full, np.float32)
        return self._background


class Originals:
    """The originals that were looked at last; shared by threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._shelf: Shelf[Original] = Shelf(most_bytes, lambda original: original.pixels.nbytes)

    def open(self, blobs: BlobStore, name: str) -> Original:
        """Decode the image of a blob.

        Raises
        ------
        NotFound
            There is no such blob.
        InvalidImage, TooLarge
            It is no image that can be read.
        """
        return self._shelf.get(name, lambda: Original(decode(blobs.get(name)).pixels))


Rgb8 = NDArray[np.uint8]
Pixels = NDArray[Any]  # uint8 or uint16

# Beside the share of the flake's longer side: enough to see where a small one lies.
_LEAST_MARGIN_PX = 16
MARGIN_RANGE = (0.0, 4.0)
# From an icon to a projector; a PNG of more takes longer than a person waits between two flakes.
SIZE_RANGE_PX = (32, 1024)

# This contrast is black or white, none is the middle grey: a monolayer has 0.05 to 0.15, and all
# pictures can be compared.
FULL_CONTRAST = 0.4
OUTLINE_RGB = (255, 220, 0)
# Of a picture so wide the outline is two pixels wide.
_THICKER_FROM_PX = 384


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut: which blob is to be cut, where, and how it is shown.

    Attributes
    ----------
    box_px : (x, y, width, height)
    polygon_px : sequence of [x, y]
    """

    sha256: str
    box_px: tuple[int, int, int, int]
    polygon_px: Sequence[Sequence[float]]
    look: Look

    @property
    def tag(self) -> str:
        """The same for the same picture."""
        return sha256(repr((_DRAWN_AS, self)).encode()).hexdigest()[:32]


# Changed with how pictures are drawn: a browser must not show an earlier one.
_DRAWN_AS = 1


def check_look(look: Look) -> None:
    """Raise `InvalidValue` where a picture would be too large or too small."""
    check_range("margin", look.margin, MARGIN_RANGE)
    check_range("size_px", look.size_px, SIZE_RANGE_PX)


def cut(original: Original, what: Cut) -> bytes:
    """Cut a flake and some of what lies around it out of its tile, as PNG, 8 bit.

    Raises
    ------
    NotFound
        The box lies outside the image, as after the image was replaced by a smaller one.
    """
    window = _window(original, what)
    left, top, right, bottom = window
    if left >= right or top >= bottom:
        raise NotFound("The flake lies outside its tile's present image.")
    pixels: Pixels = original.pixels[top:bottom, left:right]
    factor = _factor(max(pixels.shape[:2]), what.look.size_px)
    width, height = (max(round(side * factor), 1) for side in (right - left, bottom - top))
    if factor < 1:
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    contrast = what.look.view == "contrast"
    picture = _contrast(pixels, original, window) if contrast else _eight_bit(pixels, original)
    if factor > 1:
        # Last: so the rest has fewer pixels to do.
        enlarged = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
        picture = np.asarray(enlarged, np.uint8)
    if what.look.outline:
        picture = _outlined(picture, what.polygon_px, window)
    return encode(picture)


def encode(picture: Rgb8) -> bytes:
    """Encode RGB as PNG."""
    _, png = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return png.tobytes()


def _window(original: Original, what: Cut) -> tuple[int, int, int, int]:
    """Compute left, top, right, bottom of what is shown, in pixels of the tile."""
    x, y, width, height = what.box_px
    margin = max(_LEAST_MARGIN_PX, round(what.look.margin * max(width, height)))
    height_px, width_px = original.pixels.shape[:2]
    if x >= width_px or y >= height_px:
        return (0, 0, 0, 0)
    return (
        max(x - margin, 0),
        max(y - margin, 0),
        min(x + width + margin, width_px),
        min(y + height + margin, height_px),
    )


def _factor(longest_px: int, size_px: int | None) -> float:
    return min(SIZE_RANGE_PX[1] / longest_px, 1.0) if size_px is None else size_px / longest_px


def _eight_bit(pixels: Pixels, original: Original) -> Rgb8:
    """Scale to 8 bit for a screen: of 16 bit, the tile's brightest pixel becomes white."""
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels, np.uint8)
    scaled = pixels.astype(np.float32) * (255 / original.brightest)
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)


def _contrast(
    pixels: Pixels,
    original: Original,
    window: tuple[int, int, int, int],
) -> Rgb8:
    left, top, right, bottom = window
    height, width = pixels.shape[:2]
    # Background in the middle of each pixel of the picture.
    x = left + (np.arange(width, dtype=np.float32) + 0.5) * np.float32((right - left) / width)
    y = top + (np.arange(height, dtype=np.float32) + 0.5) * np.float32((bottom - top) / height)
    columns, rows = np.meshgrid(x / CELL_PX - 0.5, y / CELL_PX - 0.5)
    background = original.background
    light = cv2.remap(background, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ratio = np.asarray(cv2.divide(pixels, light, dtype=cv2.CV_32F), np.float32)
    return shown_contrast(ratio - 1)


def shown_contrast(contrast: NDArray[np.float32]) -> Rgb8:
    """Contrast as grey values around the middle one, channel by channel."""
    grey = 128 + contrast * (128 / FULL_CONTRAST)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def _outlined(
    picture: Rgb8, polygon_px: Sequence[Sequence[float]], window: tuple[int, int, int, int]
) -> Rgb8:
    left, top, right, bottom = window
    height, width = picture.shape[:2]
    scale = width / (right - left), height / (bottom - top)
    points = (np.array(polygon_px, np.float64).reshape(-1, 2) - (left, top)) * scale - 0.5
    # OpenCV draws to a sixteenth of a pixel so.
    fixed = np.round(points * 16).astype(np.int32)
    thickness = 2 if max(width, height) >= _THICKER_FROM_PX else 1
    drawn = cv2.polylines(
        picture.copy(), [fixed], True, OUTLINE_RGB, thickness, cv2.LINE_AA, shift=4
    )
    return np.asarray(drawn, np.uint8)
