"""Taking in: the tiles of a folder become rows that wait, and chunks of them become jobs.

It goes chunk by chunk: a process that dies in between goes on with the chunk that it was at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil
from pathlib import Path

from sqlalchemy.orm import Session

from service.calibration.flat_fields import learn
from service.db.base import utc_now
from service.db.engine import writing
from service.db.queries.blobs import sweep_blobs
from service.db.tables import Scan, Tile
from service.errors import Conflict, FlakescopeError, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, affine_of, scale_said
from service.images.image_header import readable_kind
from service.scans.positions import check_position, position_key
from service.scans.queue import Chunk, Queue, Run, store_tile
from service.scans.runs import lock_run, tiles_a_chunk
from service.scans.scans import MOST_NOTES
from service.scans.tiles import NewTile, Stores, TileKey, tile_there


@dataclass(frozen=True, slots=True)
class Reader:
    """Finds the tiles of a folder, always in the same order, and gives the bytes of one."""

    read_folder: Callable[[Path], FolderScan]
    tile_bytes: Callable[[FolderTile], bytes]


def queue_folder(stores: Stores, queue: Queue, run: Run, folder: Path, reader: Reader) -> int:
    """Queue all tiles of a folder, in chunks, and count the chunks.

    A tile that is there already, with the same bytes, is not screened again. One that cannot be
    read stands as failed, with its reason.

    Raises
    ------
    NotFound, InvalidValue, TooLarge
        The folder holds no image or cannot be read.
    """
    read = reader.read_folder(folder)
    tiles = read.tiles
    if not tiles:
        raise InvalidValue("There is no image in what was given.")
    with writing(stores.sessions) as session:
        scan = lock_run(session, run)
        if scan is None:
            return 0
        _describe(scan, read)
        if _is_scale_stated(scan):
            tiles = [replace(tile, um_per_px=None) for tile in tiles]
        start, learns = scan.taken, scan.flat_field == "auto" and scan.flat_field_sha256 is None
    if learns:
        _learn(stores, run, tiles, reader)
    size = tiles_a_chunk(len(tiles))
    chunks = ceil(len(tiles) / size)
    for number in range(start // size, chunks):
        some = tiles[number * size : (number + 1) * size]
        taken = [_take(stores, run, tile, reader) for tile in some]
        with writing(stores.sessions) as session:
            scan = lock_run(session, run)
            if scan is None:
                return 0
            tile_ids = tuple(one.tile_id for one in taken if one.tile_id is not None)
            chunk = Chunk(run.scan_id, run.number, tile_ids, run.model_version)
            queue.add_chunk(session, run, number, chunk)
            _note(scan, [one.note for one in taken if one.note is not None])
            scan.taken, scan.chunks = number * size + len(some), number + 1
    return chunks


def _learn(stores: Stores, run: Run, tiles: Sequence[FolderTile], reader: Reader) -> None:
    """Before the first tile is screened, from those whose place is known."""
    places = [(_key(tile), number) for number, tile in enumerate(tiles)]
    ordered = [tiles[number] for key, number in sorted(places) if key]
    learn(stores, run.scan_id, ordered, reader.tile_bytes)


def _key(tile: FolderTile) -> str:
    try:
        return position_key(_new_tile(tile, b""))
    except InvalidValue:
        return ""


@dataclass(frozen=True, slots=True)
class _Taken:
    tile_id: int | None
    note: str | None = None


def _take(stores: Stores, run: Run, tile: FolderTile, reader: Reader) -> _Taken:
    try:
        new = _new_tile(tile, reader.tile_bytes(tile))
        check_position(new)
    except (FlakescopeError, OSError) as error:
        reason = str(error) if isinstance(error, FlakescopeError) else f"{error.strerror}."
        return _fail(stores, run, tile, reason)
    place = TileKey(run.scan_id, position_key(new), sha256(new.image).hexdigest(), replace=False)
    stores.blobs.put(new.image)
    try:
        with writing(stores.sessions) as session:
            scan = lock_run(session, run)
            if scan is None:
                return _Taken(None)
            stored = store_tile(session, stores, scan, new, place)
            tile_id = stored.tile.id
    except Conflict:
        sweep_blobs(stores.sessions, stores.blobs, [place.sha256])
        note = f"{tile.name}: another image stands at {place.key}; this one was left out."
        return _Taken(None, note)
    sweep_blobs(stores.sessions, stores.blobs, stored.unused)
    return _Taken(tile_id)


def _fail(stores: Stores, run: Run, tile: FolderTile, reason: str) -> _Taken:
    """Let a tile without an image stand as failed; one that stands there already stays."""
    new = _new_tile(tile, b"")
    note = f"{tile.name}: {reason}"
    try:
        key = position_key(new)
        check_position(new)
    except FlakescopeError:
        return _Taken(None, note)
    with writing(stores.sessions) as session:
        scan = lock_run(session, run)
        if scan is not None:
            _add_failed(session, TileKey(scan.id, key, "", replace=True), new, reason)
    return _Taken(None)


def _add_failed(session: Session, place: TileKey, new: NewTile, reason: str) -> None:
    there = tile_there(session, place)
    if there is not None:
        if there.tile.state == "failed":
            there.tile.error = reason
        return
    session.add(
        Tile(
            scan_id=place.scan_id,
            position_key=place.key,
            sha256=place.sha256,
            name=new.name,
            row=new.row,
            col=new.col,
            stage_x_um=new.stage_x_um,
            stage_y_um=new.stage_y_um,
            media_type=f"image/{(readable_kind(new.image) or 'unknown').lower()}",
            state="failed",
            error=reason,
            warnings=[],
            created_at=utc_now(),
        )
    )


def _new_tile(tile: FolderTile, image: bytes) -> NewTile:
    return NewTile(
        image=image,
        row=tile.row,
        col=tile.col,
        name=tile.name,
        stage_x_um=tile.stage_x_um,
        stage_y_um=tile.stage_y_um,
        stage_z_um=tile.stage_z_um,
        um_per_px=tile.um_per_px,
    )


def _describe(scan: Scan, read: FolderScan) -> None:
    """Copy what the folder says of itself to the scan, where nobody said anything else."""
    is_first = scan.format is None
    scan.state = "screening"
    scan.tiles_expected = len(read.tiles)
    scan.format = read.format[:200]
    if scan.taken:
        return  # of this run, and then it stands there already
    scan.notes = list(read.notes)[:MOST_NOTES]
    scan.files_um_per_px = scale_said(read)
    if not _is_scale_stated(scan):
        scan.um_per_px_from = "files"
    if scan.um_per_px is None and scan.affine is None:
        scan.um_per_px = read.um_per_px
    # Later a person may have said otherwise, also that nothing is flipped.
    is_upright = scan.affine is None and not (scan.flip_x or scan.flip_y or scan.swap_xy)
    if is_first and is_upright:
        scan.affine = affine_of(read, scan.um_per_px if _is_scale_stated(scan) else None)
        scan.flip_x, scan.flip_y, scan.swap_xy = read.flip_x, read.flip_y, read.swap_xy
        scan.position_reference = read.position_reference


def _is_scale_stated(scan: Scan) -> bool:
    is_known = scan.um_per_px is not None or scan.affine is not None
    return is_known and scan.um_per_px_from == "stated"


def _note(scan: Scan, notes: Sequence[str]) -> None:
    left = MOST_NOTES - len(scan.notes)
    if notes and left > 0:
        more = [f"... and {len(notes) - left} more like these."] if len(notes) > left else []
        scan.notes = [*scan.notes, *notes[:left], *more]
