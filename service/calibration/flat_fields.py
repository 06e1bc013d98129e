"""Flat fields: a scan's light, given as a picture of empty substrate or learnt from its tiles.

Which tiles it is learnt from follows from their positions, not from the order in which they came.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import func, select

from service.checks import found
from service.db.engine import writing
from service.db.queries.blobs import lock_blobs, sweep_blobs
from service.db.queries.scans import lock_scan
from service.db.tables import Scan, Tile
from service.errors import FlakescopeError, NotFound
from service.scans import schemas
from service.scans.queue import Run
from service.scans.reading import read_scans
from service.scans.tiles import Stores
from service.vision.decode import decode
from service.vision.light import MOST_TILES, FlatField, write_light

Source = TypeVar("Source")


def give_flat_field(stores: Stores, scan_id: int, picture: bytes) -> schemas.Scan:
    """Screen a scan's tiles by a picture of empty substrate from now on.

    Raises
    ------
    NotFound
        No such scan.
    InvalidImage, TooLarge
        The picture cannot be read.
    """
    with stores.sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
    decode(picture)
    _keep(stores, scan_id, "given", picture)
    return _read(stores, scan_id)


def drop_flat_field(stores: Stores, scan_id: int) -> None:
    """Screen a scan's tiles without a flat field from now on; raises `NotFound`."""
    _keep(stores, scan_id, "none", None)


def flat_field_picture(stores: Stores, scan_id: int) -> bytes:
    """Read the picture as it was given, or the learnt field; raises `NotFound`."""
    with stores.sessions() as session:
        name = found(session.get(Scan, scan_id), f"scan {scan_id}").flat_field_sha256
    if name is None:
        raise NotFound(f"Scan {scan_id} has no flat field.")
    return stores.blobs.get(name)


def learn_from_tiles(stores: Stores, run: Run) -> None:
    """Learn the flat field of a run's scan, if it is to be, from the tiles that are there.

    A field that some tiles were screened by stays, unless all are screened again.
    """
    with stores.sessions() as session:
        scan = session.get(Scan, run.scan_id)
        if scan is None or scan.run != run.number or scan.flat_field != "auto":
            return
        screened = select(func.count()).where(Tile.scan_id == scan.id, Tile.state == "screened")
        if scan.chunks or (scan.flat_field_sha256 is not None and session.scalar(screened)):
            return
        query = select(Tile.sha256).where(Tile.scan_id == scan.id, Tile.sha256 != "")
        names = list(session.scalars(query.order_by(Tile.position_key)))
    learn(stores, run.scan_id, names, stores.blobs.get)


def learn(
    stores: Stores, scan_id: int, sources: Sequence[Source], read: Callable[[Source], bytes]
) -> None:
    """Learn a scan's flat field from tiles in the order of their positions; few teach nothing."""
    fields: dict[tuple[int, ...], tuple[int, FlatField]] = {}
    # Spread over the scan: neighbours may show the same big flake.
    for source in spread(sources, MOST_TILES):
        try:
            pixels = decode(read(source)).pixels
            count, field = fields.get(pixels.shape, (0, FlatField()))
            field.add(pixels)
        except (FlakescopeError, OSError):
            continue  # named with its reason when its turn to be screened comes
        except MemoryError:
            continue  # it may be screened where there is more
        fields[pixels.shape] = count + 1, field
    usual = max(fields.values(), key=lambda one: one[0], default=None)
    estimate = None if usual is None else usual[1].estimate()
    _keep(stores, scan_id, "auto", None if estimate is None else write_light(estimate))


def spread(sources: Sequence[Source], most: int) -> list[Source]:
    """Pick at most `most` sources, spread evenly from first to last."""
    if len(sources) <= most:
        return list(sources)
    return [sources[index * len(sources) // most] for index in range(most)]


def _keep(stores: Stores, scan_id: int, kind: str, picture: bytes | None) -> None:
    if picture is not None:
        stores.blobs.put(picture)
    with writing(stores.sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        lock_blobs(session, exclusive=False)
        former = scan.flat_field_sha256
        if picture is not None:
            stores.blobs.put(picture)  # a look at the store, unless it was swept since
        scan.flat_field = kind
        scan.flat_field_sha256 = None if picture is None else sha256(picture).hexdigest()
    if former is not None:
        sweep_blobs(stores.sessions, stores.blobs, [former])


def _read(stores: Stores, scan_id: int) -> schemas.Scan:
    with stores.sessions() as session:
        return read_scans(session, [found(session.get(Scan, scan_id), f"scan {scan_id}")])[0]
