"""Draw the tiles in a window of a map, from thumbnails where they suffice, else from originals."""

import os
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.cache import Shelf
from service.chip_map.layout import Layout
from service.chip_map.mosaic import Canvas, Picture, encode, reduce_towards
from service.chip_map.thumbnails import make_missing
from service.db.queries.chip_map import small_pictures
from service.errors import FlakescopeError
from service.scans.tiles import Stores
from service.vision.decode import decode
from service.vision.thumbnail import THUMBNAIL_PX, Rgb8, eight_bit, picture_of

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


# A thumbnail is drawn up to this much larger than it is: at the next zoom originals take over.
_LARGEST = 1.5
# Thumbnails in memory at once: some 8 MB.
_AT_ONCE = 2000

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a map: its corner, the map's unit per pixel, and its size."""

    left: float
    top: float
    resolution: float
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, a name for its content, and whether nothing stands in for a missing thumbnail."""

    picture: Picture
    etag: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The stores, caches and limits with which maps are drawn.

    Attributes
    ----------
    patience_s : float
        So long one call makes thumbnails that are missing; who looks calls again.
    """

    stores: Stores
    shelves: Shelves
    max_pixels: int
    patience_s: float = 1.0


class _Part:
    """The tiles of a layout that a window shows."""

    def __init__(self, layout: Layout, window: Window) -> None:
        self.layout, self.window = layout, window
        right = window.left + window.width_px * window.resolution
        bottom = window.top + window.height_px * window.resolution
        self.indices = layout.within(window.left, window.top, right, bottom)
        corners = layout.corners[self.indices] - (window.left, window.top)
        self.corners = corners / window.resolution
        widths, heights = (np.hypot(*(self.corners[:, n] - self.corners[:, 0]).T) for n in (1, 2))
        sizes = layout.sizes_px[self.indices]
        # Pixels of the original to one of the window.
        self.ratios = sizes[:, 0] / np.maximum(widths, 1e-9)
        self.sides = np.maximum(widths, heights)
        least = sizes.max(axis=1, initial=0) / (_LARGEST * THUMBNAIL_PX)
        self.is_small = (self.ratios >= least) & (self.ratios > 1)
        self.lacks = self.is_small & ~layout.has_picture[self.indices]

    @property
    def etag(self) -> str:
        """Changes where anything that is seen here does."""
        digest = sha256(np.round(self.corners, 3).tobytes())
        digest.update(self.layout.images[self.indices].tobytes())
        digest.update(f"{self.layout.depth_bits} {self.window.width_px}".encode())
        return digest.hexdigest()[:32]


def draw(desk: Desk, layout: Layout, window: Window) -> Drawn:
    """Draw a window of a map; one that was drawn lately is taken from the cache."""
    part = _Part(layout, window)
    if part.lacks.any():
        missing = part.indices[part.lacks]
        images = [(int(layout.ids[n]), layout.images[n].decode()) for n in missing]
        make_missing(
            desk.stores,
            desk.shelves.making,
            layout.scan_id,
            images,
            desk.max_pixels,
            desk.patience_s,
        )
        canvas, is_final = _paint(desk, part)
        return Drawn(encode(canvas), part.etag, is_final)
    picture = desk.shelves.squares.get(part.etag, lambda: encode(_paint(desk, part)[0]))
    return Drawn(picture, part.etag, is_final=True)


def _paint(desk: Desk, part: _Part) -> tuple[Canvas, bool]:
    canvas = Canvas(part.window.width_px, part.window.height_px)
    is_final = True
    for start in range(0, len(part.indices), _AT_ONCE):
        some = np.arange(start, min(start + _AT_ONCE, len(part.indices)))
        small = _small_pictures(desk, part, some[part.is_small[some]])
        for n in some:
            if not part.is_small[n]:
                picture: Rgb8 | None = _original(desk, part, n)
            else:
                picture = small.get(int(part.indices[n]))
                is_final = is_final and picture is not None
            canvas.draw(_plain(part, n) if picture is None else picture, part.corners[n])
    return canvas, is_final


def _small_pictures(desk: Desk, part: _Part, some: Indices) -> dict[int, Rgb8]:
    """Thumbnails by index in the layout, reduced to about what is drawn."""
    if not len(some):
        return {}
    layout = part.layout
    by_id = {int(layout.ids[part.indices[n]]): n for n in some}
    with desk.stores.sessions() as session:
        rows = small_pictures(session, by_id)
    pictures = {}
    for row in rows:
        n = by_id[row.tile_id]
        index = int(part.indices[n])
        if row.made_from.encode() != layout.images[index]:
            continue
        if not row.jpeg:
            pictures[index] = _plain(part, n)
            continue
        factor = next(f for f in (8, 4, 2, 1) if f == 1 or THUMBNAIL_PX / f >= part.sides[n])
        dimmed = _dimmed(picture_of(row.jpeg, factor), row.depth_bits, layout.depth_bits)
        ratio = max(dimmed.shape[:2]) / max(part.sides[n], 1e-9)
        pictures[index] = reduce_towards(dimmed, ratio)
    return pictures


def _original(desk: Desk, part: _Part, n: Any) -> Rgb8 | None:
    """Decode an original, reduced to about what is drawn; None where it cannot be read."""
    layout, ratio = part.layout, float(part.ratios[n])
    name = layout.images[part.indices[n]].decode()
    depth = layout.depth_bits

    def read() -> Rgb8:
        with desk.shelves.decoding:
            content = desk.stores.blobs.get(name)
            pixels = decode(content, max_pixels=desk.max_pixels).pixels
            return reduce_towards(eight_bit(pixels, depth), ratio)

    zoom = int(np.log2(max(ratio, 1.0)))
    try:
        return desk.shelves.images.get((name, depth, zoom), read)
    except FlakescopeError:
        return None


def _plain(part: _Part, n: Any) -> Rgb8:
    """Return the colour of a tile's bare substrate."""
    colour = part.layout.colours[part.indices[n]] * 255
    return np.asarray(np.clip(colour, 0, 255), np.uint8).reshape(1, 1, 3)


def _dimmed(picture: Rgb8, own_bits: int, bits: int) -> Rgb8:
    """Dim a picture to its true brightness beside a tile whose camera's numbers go farther."""
    if own_bits in (8, bits):
        return picture
    return np.asarray(picture >> (bits - own_bits), np.uint8)
