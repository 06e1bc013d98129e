"""Everything that people of the lab have said of flakes, as COCO with its tiles in one zip.

What comes out goes in again: `POST /v1/datasets` takes it, with `group_by` "folder".
"""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from service.db.queries.tiles import tiles_by_id
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


def export_labelled(stores: Stores, now: datetime) -> Export:
    """A zip of every sure review: `annotations.json`, and `images` with a folder for each scan."""
    return Export(
        filename="labelled.zip",
        media_type="application/zip",
        pieces=gathered(_archive(stores, now)),
    )


def _archive(stores: Stores, now: datetime) -> Iterator[bytes]:
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
        annotations = instances(about, _labelled(stores, tiles), "rle")
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


def _labelled(stores: Stores, tiles: dict[int, tuple[str, str]]) -> Iterator[ExportedFlake]:
    """Flakes with a sure review, their tiles named by scan; what the tiles are goes to `tiles`."""
    chosen = Selection(which=FlakeFilter(reviewed=True), sort="-area_um2", everything=True)
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
