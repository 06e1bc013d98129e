"""Thumbnails: made later for tiles that were screened before there were any."""

import threading
import time
from collections.abc import Sequence

from service.db.engine import writing
from service.db.queries.chip_map import thumbnails
from service.db.queries.scans import lock_scan, tiles_by_id
from service.errors import FlakescopeError
from service.scans.saving import keep_thumbnail
from service.scans.tiles import Stores
from service.vision.decode import decode
from service.vision.thumbnail import SmallPicture, small_picture

# Of an image that cannot be read any more.
_NOTHING = SmallPicture(b"", 8)


def make_missing(
    stores: Stores,
    making: threading.Lock,
    scan_id: int,
    images: Sequence[tuple[int, str]],
    max_pixels: int,
    patience_s: float,
) -> None:
    """Make the thumbnails of some tiles (id, sha256), as many as patience allows, one at least.

    None where another call makes some now: a map asks for many squares at once.
    """
    if not making.acquire(blocking=False):
        return
    try:
        made: dict[int, tuple[str, SmallPicture]] = {}
        end = time.monotonic() + patience_s
        for tile_id, sha256 in images:
            made[tile_id] = sha256, _make(stores, sha256, max_pixels)
            if time.monotonic() > end:
                break
        with writing(stores.sessions) as session:
            if lock_scan(session, scan_id) is None:
                return
            thumbnails(session, made)  # into the session, in one query
            for tile in tiles_by_id(session, made).values():
                sha256, picture = made[tile.id]
                if tile.sha256 == sha256:
                    keep_thumbnail(session, tile, picture)
    finally:
        making.release()


def _make(stores: Stores, sha256: str, max_pixels: int) -> SmallPicture:
    try:
        return small_picture(decode(stores.blobs.get(sha256), max_pixels=max_pixels).pixels)
    except FlakescopeError:
        return _NOTHING
