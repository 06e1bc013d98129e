"""Pictures of flakes for reports and archives: each tile is decoded once for all of its flakes."""

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from service.db.queries.scans import tiles_by_id
from service.errors import FlakescopeError
from service.exports.writers.rows import Crop, ExportedFlake
from service.scans.tiles import Stores
from service.vision.decode import decode

_log = logging.getLogger(__name__)

# As much around a flake as shows where it lies: half of its longer side, and never less than
# what a person needs to find it again.
_MARGIN = 0.5
_LEAST_MARGIN_PX = 24
# Of a crust as large as its tile a screenful is enough.
_LONGEST_PX = 1200


def crops_of(stores: Stores, flakes: Sequence[ExportedFlake]) -> Iterator[tuple[int, Crop]]:
    """Flake ids and their pictures, tile by tile; what cannot be read is left out, and logged."""
    ordered = sorted(flakes, key=lambda one: one.tile.id)
    for tile_id, some in groupby(ordered, key=lambda one: one.tile.id):
        with stores.sessions() as session:
            tile = tiles_by_id(session, [tile_id]).get(tile_id)
        if tile is None:
            continue
        try:
            pixels = _eight_bit(decode(stores.blobs.get(tile.sha256)).pixels)
        except FlakescopeError as error:
            _log.warning("No pictures of tile %d: %s", tile_id, error)
            continue
        for flake in some:
            crop = _cut(pixels, flake)
            if crop is not None:
                yield flake.id, crop


def png_of(crop: Crop) -> bytes:
    """Encode a picture as PNG; one of more than a screenful is reduced."""
    rgb = crop.rgb
    factor = _LONGEST_PX / max(rgb.shape[:2])
    if factor < 1:
        rgb = np.asarray(
            cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    _, png = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return png.tobytes()


def _cut(pixels: NDArray[np.uint8], flake: ExportedFlake) -> Crop | None:
    x, y, width, height = flake.bbox_px
    margin = max(_LEAST_MARGIN_PX, round(_MARGIN * max(width, height)))
    left, top = max(x - margin, 0), max(y - margin, 0)
    part = pixels[top : y + height + margin, left : x + width + margin]
    # After the image was replaced by a smaller one.
    return None if part.size == 0 else Crop(part, (left, top))


def _eight_bit(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scale to 8 bit for a screen: of 16 bit, the tile's brightest pixel becomes white."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    brightest = max(int(pixels.max()), 1)
    return (pixels.astype(np.float32) * (255 / brightest)).astype(np.uint8)
