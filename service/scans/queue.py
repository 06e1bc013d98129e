"""A tile is stored now and screened by a worker later; stored and queued in one transaction."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from sqlalchemy.orm import Session

from service.checks import found
from service.db.engine import writing
from service.db.queries.blobs import lock_blobs, sweep_blobs, swept_on_failure
from service.db.queries.scans import lock_scan
from service.db.tables import Scan, Tile
from service.errors import InvalidImage
from service.images import image_header
from service.scans.positions import check_position, position_key, scale_of_scan
from service.scans.saving import stored_answer
from service.scans.tile_schemas import TileAdded
from service.scans.tiles import NewTile, Stores, TileKey, describe, tile_there


@dataclass(frozen=True, slots=True)
class Run:
    """Run of a scan: bring it in from a path, or screen what waits.

    Attributes
    ----------
    path : str or None
        Folder or archive; None = nothing new comes in.
    model_version : str or None
        None = the active one.
    """

    scan_id: int
    number: int
    path: str | None = None
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tiles that one job screens, in this order.

    Attributes
    ----------
    run : int or None
        The run of the scan that it belongs to; None = a tile that came by itself.
    """

    scan_id: int
    run: int | None
    tile_ids: tuple[int, ...]
    model_version: str | None = None


class Queue(Protocol):
    """Queue of work for a worker; each call is part of the session's transaction."""

    def add_tile(self, session: Session, chunk: Chunk) -> None:
        """Screen a tile that came by itself, before all scans."""
        ...

    def add_run(self, session: Session, run: Run) -> None:
        """Bring a scan in, or screen what waits of it."""
        ...

    def add_chunk(self, session: Session, run: Run, number: int, chunk: Chunk) -> None:
        """Screen some tiles of a run; the same number again adds nothing."""
        ...

    def tiles_alone(self) -> set[int]:
        """Tiles that jobs of their own have yet to screen; not part of any transaction."""
        ...

    def cancel_run(self, scan_id: int, number: int) -> str | None:
        """Forget what waits of a run; not part of any transaction. Gives the run's path."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A tile that has its place, and the blobs that it made superfluous."""

    tile: Tile
    unused: list[str]


def queue_tile(
    stores: Stores, queue: Queue | None, scan_id: int, new: NewTile, *, replace: bool = False
) -> TileAdded:
    """Queue a tile and answer with what is known of it; `created` is False if screened before.

    Without a queue it waits until its scan is screened.

    Raises
    ------
    NotFound
        No such scan.
    InvalidImage
        The bytes do not begin like an image.
    InvalidValue
        A position or scale is wrong.
    Conflict
        Other bytes stand at this position and `replace` is False.
    """
    check_position(new)
    place = TileKey(scan_id, position_key(new), sha256(new.image).hexdigest(), replace)
    if image_header.readable_kind(new.image) is None:
        raise InvalidImage(f"This is no image: it is {image_header.describe(new.image)}.")
    with stores.sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
    stores.blobs.put(new.image)
    with (
        swept_on_failure(stores.sessions, stores.blobs, place.sha256),
        writing(stores.sessions) as session,
    ):
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        stored = store_tile(session, stores, scan, new, place)
        if queue is not None and stored.tile.state == "queued":
            if scan.state == "cancelled":
                scan.state = "open"
            queue.add_tile(session, Chunk(scan_id, None, (stored.tile.id,)))
        added = stored_answer(session, stored.tile, created=stored.tile.state == "queued")
    sweep_blobs(stores.sessions, stores.blobs, stored.unused)
    return added


def store_tile(
    session: Session, stores: Stores, scan: Scan, new: NewTile, place: TileKey
) -> Stored:
    """Put a tile at its place, to be screened unless it was; raises `Conflict`.

    `scan` is locked, and the blob was put before: this only looks whether it was swept since.
    """
    there = tile_there(session, place)
    if there is not None and there.is_done:
        return Stored(there.tile, [])
    lock_blobs(session, exclusive=False)
    if not stores.blobs.has(place.sha256):
        stores.blobs.put(new.image)
    tile = Tile(scan_id=scan.id, position_key=place.key) if there is None else there.tile
    unused = [] if there is None or tile.sha256 == place.sha256 else [tile.sha256]
    describe(tile, new)
    tile.um_per_px = new.um_per_px if new.um_per_px is not None else scale_of_scan(scan)
    tile.sha256 = place.sha256
    tile.state, tile.error, tile.starts, tile.warnings = "queued", None, 0, []
    session.add(tile)
    session.flush()
    return Stored(tile, unused)
