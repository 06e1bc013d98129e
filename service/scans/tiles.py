"""Add a tile: it is screened outside any session, then saved with its flakes at once."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from service.checks import found
from service.db.blobs import BlobStore, is_sound
from service.db.engine import Sessions, writing
from service.db.queries.blobs import lock_blobs, sweep_blobs, swept_on_failure
from service.db.queries.scans import count_tiles, has_queued_tiles, lock_scan, tile_at
from service.db.tables import Scan, Tile
from service.errors import Conflict
from service.images.image_header import readable_kind
from service.scans.lighting import Lighting, lighting_of
from service.scans.positions import check_position, position_key, scale_of_scan
from service.scans.saving import (
    add_thumbnail,
    answer,
    keep_thumbnail,
    save_screening,
    stored_answer,
)
from service.scans.tile_schemas import TileAdded
from service.screening.screen import Screen, Screened, ScreenJob
from service.vision.decode import Tile as DecodedTile


@dataclass(frozen=True, slots=True)
class TileKey:
    """A position of a scan, the image that comes there, and whether another gives way."""

    scan_id: int
    key: str
    sha256: str
    replace: bool


@dataclass(frozen=True, slots=True)
class There:
    """The tile that stands at a place, and whether it is the one that comes, screened."""

    tile: Tile
    is_done: bool


def tile_there(session: Session, place: TileKey) -> There | None:
    """Find the tile at the place; raises `Conflict` where it is another and must not give way."""
    tile = tile_at(session, place.scan_id, place.key)
    if tile is None:
        return None
    same = tile.sha256 == place.sha256
    if not (same or place.replace or tile.state == "failed"):
        raise Conflict(
            f"Another image stands at {place.key} of scan {place.scan_id}: "
            "send replace=true to put this one in its place."
        )
    return There(tile, is_done=same and tile.state == "screened")


def complete_if_all_there(session: Session, scan: Scan) -> None:
    """Mark an open scan done when as many tiles as expected are screened or failed.

    `scan` is locked, what was written is flushed.
    """
    if scan.state != "open" or scan.tiles_expected is None:
        return
    # The look at one waiting tile is cheap; the count, at 100,000 tiles, is not.
    if has_queued_tiles(session, scan.id):
        return
    if sum(count_tiles(session, [scan.id]).values()) >= scan.tiles_expected:
        scan.state = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTile:
    """One image of a scan and where it was taken; unknown is None, never 0."""

    image: bytes
    row: int | None = None
    col: int | None = None
    name: str | None = None
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    um_per_px: float | None = None


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores of results: rows and originals."""

    sessions: Sessions
    blobs: BlobStore


def add_tile(
    stores: Stores, scan_id: int, new: NewTile, *, screen: Screen, replace: bool = False
) -> TileAdded:
    """Screen a tile and save it with its detections and flakes, all or nothing.

    The same bytes at the same position again give the stored answer with `created=False`. A tile
    that failed is screened again whatever its bytes are.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        A position or scale is wrong.
    Conflict
        Other bytes stand at this position and `replace` is False.
    InvalidModel
        The model version that screened was not registered.
    """
    check_position(new)
    place = TileKey(scan_id, position_key(new), sha256(new.image).hexdigest(), replace)
    with stores.sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        there = tile_there(session, place)
        known = there is not None and there.is_done and stored_answer(session, there.tile)
        um_per_px = new.um_per_px if new.um_per_px is not None else scale_of_scan(scan)
        lighting = lighting_of(session, scan)
    if known:
        _heal(stores, place.sha256, new.image)
        return known
    job = screen_job(stores.blobs, new.image, um_per_px, lighting)
    with swept_on_failure(stores.sessions, stores.blobs, place.sha256):
        # The disk need not wait for the processor. What fails there is tried again in `_save`.
        with ThreadPoolExecutor(1) as disk:

            def keep(_: DecodedTile) -> None:
                disk.submit(stores.blobs.put, new.image)

            screened = screen(dataclasses.replace(job, decoded=keep))
        added, unused = _save(stores, new, place, job, screened)
    sweep_blobs(stores.sessions, stores.blobs, unused)
    return added


def _heal(stores: Stores, name: str, image: bytes) -> None:
    """Put an original again that was lost or damaged in the store since it was screened."""
    if is_sound(stores.blobs, name):
        return
    stores.blobs.put(image)
    # Its tile may have been deleted meanwhile.
    sweep_blobs(stores.sessions, stores.blobs, [name])


def screen_job(
    blobs: BlobStore, image: bytes, um_per_px: float | None, lighting: Lighting
) -> ScreenJob:
    """Gather what screening one tile of a scan needs."""
    name = lighting.flat_field_sha256
    return ScreenJob(
        image=image,
        um_per_px=um_per_px,
        oxide_nm=lighting.oxide_nm,
        flat_field=None if name is None else blobs.get(name),
        substrate=lighting.substrate,
        wants_thumbnail=True,
    )


def _save(
    stores: Stores, new: NewTile, place: TileKey, job: ScreenJob, screened: Screened
) -> tuple[TileAdded, list[str]]:
    """Save a screened tile; return the answer, and the blobs that it made superfluous."""
    with writing(stores.sessions) as session:
        scan = found(lock_scan(session, place.scan_id), f"scan {place.scan_id}")
        there = tile_there(session, place)
        if there is not None and there.is_done:
            # Another was first while this one was screened.
            return stored_answer(session, there.tile), []
        lock_blobs(session, exclusive=False)
        if not stores.blobs.has(place.sha256):  # it was swept since, or could not be written
            stores.blobs.put(new.image)
        tile = Tile(scan_id=scan.id, position_key=place.key) if there is None else there.tile
        unused = [] if there is None else [tile.sha256]
        describe(tile, new)
        tile.um_per_px = job.um_per_px
        note_size(tile, screened)
        tile.sha256 = place.sha256
        flakes = save_screening(session, scan, tile, screened.screening)
        keep = add_thumbnail if there is None else keep_thumbnail
        keep(session, tile, screened.thumbnail)
        complete_if_all_there(session, scan)
        return answer(session, tile, flakes, created=True), unused


def describe(tile: Tile, new: NewTile) -> None:
    """Write where a tile was taken and what its file is."""
    tile.name, tile.row, tile.col = new.name, new.row, new.col
    tile.stage_x_um, tile.stage_y_um = new.stage_x_um, new.stage_y_um
    tile.stage_z_um = new.stage_z_um
    tile.media_type = f"image/{(readable_kind(new.image) or 'unknown').lower()}"


def note_size(tile: Tile, screened: Screened) -> None:
    """Write what decoding told: size, warnings, and the scale where nobody gave one."""
    tile.width_px, tile.height_px = screened.width_px, screened.height_px
    tile.warnings = list(screened.warnings)
    if tile.um_per_px is None:
        tile.um_per_px = screened.um_per_px
