"""What a process keeps in memory to draw maps."""

import os
import threading
from dataclasses import dataclass, field

from service.scans.chip_map.layout import Layout
from service.scans.shelf import Shelf
from service.vision.mosaic import Picture
from service.vision.thumbnail import Rgb8

# A scan of 100,000 tiles and smaller ones; ten screens of decoded tiles; all first views of a
# day. The service that screens beside it needs 250 MiB, and lab computers are small.
_LAYOUT_BYTES, _IMAGE_BYTES, _SQUARE_BYTES = 32 * 2**20, 96 * 2**20, 32 * 2**20
# Of a tile's row in a layout.
_ROW_BYTES = 256


def _layouts() -> Shelf[Layout]:
    return Shelf(_LAYOUT_BYTES, lambda layout: _ROW_BYTES * (len(layout.ids) + 1))


def _images() -> Shelf[Rgb8]:
    return Shelf(_IMAGE_BYTES, lambda image: image.nbytes)


def _squares() -> Shelf[Picture]:
    return Shelf(_SQUARE_BYTES, lambda picture: len(picture.content))


def _decoding() -> threading.BoundedSemaphore:
    # A decoded original has up to 300 MB: as many at once as there are cores, not threads.
    return threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Shelves:
    """Layouts, reduced originals and finished squares; who decodes; who makes thumbnails."""

    layouts: Shelf[Layout] = field(default_factory=_layouts)
    images: Shelf[Rgb8] = field(default_factory=_images)
    squares: Shelf[Picture] = field(default_factory=_squares)
    decoding: threading.BoundedSemaphore = field(default_factory=_decoding)
    making: threading.Lock = field(default_factory=threading.Lock)
