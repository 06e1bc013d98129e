"""A chunk: tiles that one job screens one after the other, each with a result of its own.

A chunk that begins again, after its worker died, goes on behind the tiles that have a result. So
the first one without is the only one that can have ended the process. Once it was the first
twice, it is screened in a process of its own: whatever it does there, the others go on.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import DBAPIError

from service.db.engine import writing
from service.db.queries.scans import lock_scan, queued_among
from service.db.tables import Scan, Tile
from service.errors import Busy, FlakescopeError, InvalidModel
from service.scans.lighting import lighting_of
from service.scans.outage import AWAY, wait_out
from service.scans.queue import Chunk
from service.scans.saving import clear_screening, keep_thumbnail, save_screening
from service.scans.tiles import Stores, complete_if_all_there, note_size, screen_job
from service.screening.screen import Screen, Screened

_log = logging.getLogger(__name__)

# A tile that ends its process does it again; a worker that is stopped ten times in a row just when
# it begins with the same tile is no coincidence either.
MOST_STARTS = 10

# A share that was away for a moment is back; in all a tile waits three seconds and a half.
PAUSES_S = (0.5, 1.0, 2.0)

# Not the tile's fault: an outage is waited out, else the whole job is tried again a few times.
PASSING = (*AWAY, DBAPIError, Busy, InvalidModel)

# Gives what happened, as a sentence, where the tile ended its process; else None.
Alone = Callable[[Chunk], str | None]


@dataclass(frozen=True, slots=True)
class Means:
    """Tools to screen a chunk with.

    Attributes
    ----------
    alone : callable
        Screens a chunk of one tile in a process of its own.
    tile : callable
        Entered around each tile; blocks once the process is about to end.
    sleep : callable
        Waits some seconds; a test passes its own.
    """

    stores: Stores
    screen: Screen
    alone: Alone
    tile: Callable[[], AbstractContextManager[None]]
    sleep: Callable[[float], None] = time.sleep


def screen_chunk(means: Means, chunk: Chunk) -> None:
    """Screen those of a chunk's tiles that wait.

    It ends early where the scan was cancelled, screened anew, or deleted. A tile that cannot be
    screened fails alone, with its reason. An outage is waited out, tile by tile: the chunk does
    not begin again, which would count as a start of its first tile.

    Raises
    ------
    DBAPIError, Busy, InvalidModel
        No tile can be screened now; again, it goes on where it stopped.
    """
    waiting, starts = wait_out(lambda: _begin(means.stores, chunk), means.sleep)
    if starts > 1:
        suspect = waiting.pop(0)
        with means.tile():
            wait_out(lambda: _screen_suspect(means, chunk, suspect, starts), means.sleep)
    for tile_id in waiting:
        with means.tile():
            if not wait_out(partial(screen_patiently, means, chunk, tile_id), means.sleep):
                return


def _begin(stores: Stores, chunk: Chunk) -> tuple[list[int], int]:
    """Begin a chunk: find its tiles that wait, and count the starts of the first of them."""
    with writing(stores.sessions) as session:
        waiting = queued_among(session, chunk.tile_ids)
        if not waiting or not _goes_on(session.get(Scan, chunk.scan_id), chunk):
            return [], 0
        first = session.get_one(Tile, waiting[0])
        first.starts += 1
        return list(waiting), first.starts


def _screen_waiting(means: Means, chunk: Chunk, tile_id: int) -> bool:
    with means.stores.sessions() as session:
        tile, scan = session.get(Tile, tile_id), session.get(Scan, chunk.scan_id)
        if scan is None or not _goes_on(scan, chunk):
            return False
        if tile is None or tile.state != "queued":
            return True
        name = tile.sha256
        um_per_px, lighting = tile.um_per_px, lighting_of(session, scan)
    try:
        blobs = means.stores.blobs
        job = screen_job(blobs, blobs.get(name), um_per_px, lighting)
        screened: Screened | str = means.screen(job)
    except PASSING:
        raise
    except FlakescopeError as error:
        screened = str(error)
    return _keep(means.stores, chunk, tile_id, name, screened)


def _screen_suspect(means: Means, chunk: Chunk, tile_id: int, starts: int) -> None:
    if starts > MOST_STARTS:
        reason: str | None = f"Screening it ended the worker {starts - 1} times."
    else:
        alone = Chunk(chunk.scan_id, chunk.run, (tile_id,), chunk.model_version)
        reason = means.alone(alone)
    if reason is not None:
        _log.error("Tile %d failed: %s", tile_id, reason)
        _fail(means.stores, chunk, tile_id, reason)


def screen_patiently(means: Means, chunk: Chunk, tile_id: int) -> bool:
    """Screen one tile of a chunk if it waits; False where the chunk has ended.

    What goes wrong is tried again a few times, then the tile fails with it. Raises what
    `screen_chunk` raises.
    """
    for pause_s in (*PAUSES_S, None):
        try:
            return _screen_waiting(means, chunk, tile_id)
        except PASSING:
            raise
        except Exception as error:  # the top of the worker: one tile must not stop the others
            if pause_s is None:
                _log.exception("Tile %d failed", tile_id)
                reason = f"Screening failed: {type(error).__name__}: {error}"
                return _fail(means.stores, chunk, tile_id, reason)
            _log.warning("Tile %d is tried again in %g s: %r", tile_id, pause_s, error)
            means.sleep(pause_s)
    raise AssertionError("the last round returns")


def _fail(stores: Stores, chunk: Chunk, tile_id: int, reason: str) -> bool:
    with stores.sessions() as session:
        tile = session.get(Tile, tile_id)
        name = "" if tile is None else tile.sha256
    return _keep(stores, chunk, tile_id, name, reason)


def _keep(stores: Stores, chunk: Chunk, tile_id: int, name: str, screened: Screened | str) -> bool:
    """Save a screening, or the reason why there is none; False where the chunk has ended."""
    with writing(stores.sessions) as session:
        scan = lock_scan(session, chunk.scan_id)
        tile = session.get(Tile, tile_id)
        if scan is None or not _goes_on(scan, chunk):
            return False
        # Deleted, screened or replaced meanwhile: who did that has seen to the rest.
        if tile is None or tile.state != "queued" or tile.sha256 != name:
            return True
        if isinstance(screened, str):
            tile.state, tile.error = "failed", screened
            clear_screening(session, scan, tile)
        else:
            note_size(tile, screened)
            save_screening(session, scan, tile, screened.screening)
            keep_thumbnail(session, tile, screened.thumbnail)
        session.flush()
        complete_if_all_there(session, scan)
        return True


def _goes_on(scan: Scan | None, chunk: Chunk) -> bool:
    if scan is None or scan.state == "cancelled":
        return False
    return chunk.run is None or scan.run == chunk.run
