"""Pictures of single tiles for a screen."""

from dataclasses import dataclass

import cv2
import numpy as np

from service.checks import found
from service.chip_map.drawing import Desk
from service.db.engine import Sessions
from service.db.tables import Tile
from service.errors import NotFound
from service.vision.decode import decode
from service.vision.thumbnail import depth_of, eight_bit, jpeg_of, size_within

# From an icon to more than a projector shows.
LEAST_PX, MOST_PX = 16, 4096
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class StoredImage:
    """The image of a tile as it came."""

    sha256: str
    media_type: str


def find_image(sessions: Sessions, tile_id: int) -> StoredImage:
    """Find the image of a tile; raises `NotFound` where there is no such tile, or it has none."""
    with sessions() as session:
        tile = found(session.get(Tile, tile_id), f"tile {tile_id}")
    if not tile.sha256:
        raise NotFound(f"Tile {tile_id} has no image: {tile.error}")
    return StoredImage(tile.sha256, tile.media_type)


def smaller(desk: Desk, sha256: str, most_px: int) -> bytes:
    """Shrink an image to JPEG, longest side at most so long; raises `NotFound`, `InvalidImage`."""
    with desk.shelves.decoding:
        pixels = decode(desk.stores.blobs.get(sha256), max_pixels=desk.max_pixels).pixels
        depth = depth_of(pixels)
        size = size_within((pixels.shape[1], pixels.shape[0]), most_px)
        reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return jpeg_of(eight_bit(np.asarray(reduced), depth), _QUALITY)
