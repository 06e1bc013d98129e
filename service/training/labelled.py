"""Keep what people said of flakes as labelled data, also when their scan goes."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.checks import found
from service.db.base import utc_now
from service.db.engine import writing
from service.db.queries.blobs import lock_blobs, sweep_blobs
from service.db.queries.flakes import FlakeFilter
from service.db.queries.scans import lock_scan, tiles_by_id
from service.db.tables import Dataset, Flake, Review, Scan
from service.errors import Conflict, FlakescopeError, NotFound, TooLarge
from service.exports.archive import Outlet, packed
from service.exports.exporting import Export, gathered
from service.exports.select import Selection, exported_flakes
from service.exports.writers.coco import instances
from service.exports.writers.rows import ExportedFlake
from service.scans.scans import remove_scan
from service.scans.tiles import Stores
from service.training import schemas
from service.training.dataset_kinds import count
from service.training.datasets import MOST_BYTES

_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
}


def export_labelled(stores: Stores, now: datetime, scan_id: int | None = None) -> Export:
    """Export sure reviews as a zip, of all scans or one: `annotations.json`, `images/scan-ID/`."""
    return Export(
        filename="labelled.zip",
        media_type="application/zip",
        pieces=gathered(_archive(stores, now, scan_id)),
    )


def _archive(stores: Stores, now: datetime, scan_id: int | None) -> Iterator[bytes]:
    outlet = Outlet()
    tiles: dict[int, tuple[str, str]] = {}
    about = {
        "description": "Flakes that people of this lab have reviewed",
        "date_created": now.isoformat(),
        # What nobody looked at is neither graphene nor something else.
        "exhaustive": False,
    }
    # zipfile asks for no more than what an outlet has; its types ask for a whole file.
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        annotations = instances(about, _labelled(stores, tiles, scan_id), "rle")
        yield from packed(archive, outlet, "annotations.json", annotations)
        for tile_id in sorted(tiles):
            sha256, name = tiles[tile_id]
            try:
                image = stores.blobs.get(sha256)
            except NotFound:
                # A tile that was deleted while this was written.
                continue
            # Images are packed already.
            archive.writestr(f"images/{name}", image, zipfile.ZIP_STORED)
            yield outlet.fetch()
    yield outlet.fetch()


def _labelled(
    stores: Stores, tiles: dict[int, tuple[str, str]], scan_id: int | None
) -> Iterator[ExportedFlake]:
    """Flakes with a sure review, their tiles named by scan; what the tiles are goes to `tiles`."""
    which = FlakeFilter(scan_id=scan_id, reviewed=True)
    chosen = Selection(which=which, sort="-area_um2", everything=True)
    for flake in exported_flakes(stores.sessions, chosen, with_masks=True):
        if flake.review is None or flake.review.label == "unsure":
            continue
        tile_id = flake.tile.id
        if tile_id not in tiles:
            with stores.sessions() as session:
                tile = tiles_by_id(session, {tile_id}).get(tile_id)
            if tile is None:
                continue
            suffix = _SUFFIXES.get(tile.media_type or "", "")
            tiles[tile_id] = tile.sha256, f"scan-{tile.scan_id}/tile-{tile_id}{suffix}"
        tile_in_zip = replace(flake.tile, name=tiles[tile_id][1])
        yield flake.model_copy(update={"tile": tile_in_zip})


# The folder of each scan in the archive: so a training never tears it apart.
_GROUP_BY = "folder"


def delete_scan_keeping_labels(
    stores: Stores, scan_id: int, path: Path, who: str
) -> schemas.Dataset | None:
    """Remove a scan, after its sure reviews became a data set; None where it has none.

    Kept are the tiles that show a reviewed flake, and its outline: crops can be cut from them
    again, also by another preprocessing. All later trainings that learn from reviews have it.

    Parameters
    ----------
    path : Path
        Where the archive may be written first; whoever calls deletes it.

    Raises
    ------
    NotFound
        No such scan.
    Conflict
        Somebody reviewed it meanwhile.
    InvalidValue, TooLarge
        An image of a reviewed flake is lost, or they are too large together. Nothing is deleted.
    """
    with stores.sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        name, said = scan.name, _said(session, scan_id)
    row = _dataset(stores, scan_id, path)
    if row is not None:
        row.name, row.kept_scan, row.created_by = f"reviews of {name}"[:200], name, who
        row.sha256 = stores.blobs.put(path.read_bytes())
    archive = [] if row is None else [row.sha256]
    try:
        kept, unused = _exchange(stores, scan_id, row, said)
    except FlakescopeError:
        sweep_blobs(stores.sessions, stores.blobs, archive)
        raise
    sweep_blobs(stores.sessions, stores.blobs, unused)
    return kept


def _exchange(
    stores: Stores, scan_id: int, row: Dataset | None, said: tuple[object, ...]
) -> tuple[schemas.Dataset | None, list[str]]:
    """Replace the scan by the data set, at once; return it and the blobs that may go."""
    with writing(stores.sessions) as session:
        found(lock_scan(session, scan_id), f"scan {scan_id}")
        if _said(session, scan_id) != said:
            raise Conflict(f"Scan {scan_id} was reviewed while it was to be deleted: try again.")
        unused = remove_scan(session, scan_id)
        if row is None:
            return None, unused
        # Who sweeps meanwhile waits, and then sees the row.
        lock_blobs(session, exclusive=False)
        session.add(row)
        session.flush()
        return schemas.Dataset.read(row), unused


def _said(session: Session, scan_id: int) -> tuple[object, ...]:
    """Fingerprint a scan's reviews: the same while nobody reviews or takes a review back."""
    query = (
        select(func.max(Review.id), func.count(), func.count(Review.undone_at))
        .join(Flake, Flake.id == Review.flake_id)
        .where(Flake.scan_id == scan_id)
    )
    return tuple(session.execute(query).one())


def _dataset(stores: Stores, scan_id: int, path: Path) -> Dataset | None:
    """Write a scan's archive to `path` and make its row; None where no review is sure."""
    with path.open("wb") as file:
        for piece in export_labelled(stores, utc_now(), scan_id).pieces:
            file.write(piece)
    with zipfile.ZipFile(path) as archive:
        if not any(name.startswith("images/") for name in archive.namelist()):
            return None
        counted = count(archive, _GROUP_BY)
    size_bytes = path.stat().st_size
    if size_bytes > MOST_BYTES:
        raise TooLarge(
            f"The tiles with reviewed flakes have {size_bytes} bytes; {MOST_BYTES} can be kept. "
            "Delete the scan without its labels, or export them first."
        )
    return Dataset(
        kind=counted.kind,
        size_bytes=size_bytes,
        group_by=_GROUP_BY,
        # What nobody looked at is neither graphene nor something else.
        exhaustive=False,
        graphene=counted.graphene,
        other=counted.other,
        groups=counted.groups,
    )
