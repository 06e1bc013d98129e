"""Everything that people of the lab have said of flakes, as COCO with its tiles in one zip.

What comes out goes in again: `POST /v1/datasets` takes it, with `group_by` "folder".
"""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from service.db.queries.scans import tiles_by_id
from service.errors import NotFound
from service.exports.coco import instances
from service.exports.rows import ExportedFlake
from service.scans.export_archive import Outlet, packed
from service.scans.export_rows import Selection, exported_flakes
from service.scans.exporting import Export, gathered
from service.scans.flakes import FlakeFilter
from service.scans.tiles import Stores

_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
}


def export_labelled(stores: Stores, now: datetime, scan_id: int | None = None) -> Export:
    """A zip of sure reviews, of all scans or one: `annotations.json`, `images/scan-ID/`."""
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
        yield replace(flake, tile=replace(flake.tile, name=tiles[tile_id][1]))
