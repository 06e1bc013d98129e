"""Read rows into the schemas that leave the domain: one function an entity."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from service.checks import found
from service.db.queries.reviews import latest_reviews
from service.db.queries.scans import count_flakes, count_tiles
from service.db.tables import Flake, Review, Scan, Tile
from service.db.tables.flake import Seen
from service.scans import schemas, tile_schemas
from service.scans.schemas import FlakeCounts, TileCounts
from service.scans.tile_schemas import Light


def read_scans(session: Session, scans: Sequence[Scan]) -> list[schemas.Scan]:
    """Read scans with their counts."""
    ids = [scan.id for scan in scans]
    tiles, flakes = count_tiles(session, ids), count_flakes(session, ids)
    return [
        schemas.Scan.read(
            scan,
            tiles=TileCounts(
                expected=scan.tiles_expected,
                queued=tiles.get((scan.id, "queued"), 0),
                screened=tiles.get((scan.id, "screened"), 0),
                failed=tiles.get((scan.id, "failed"), 0),
            ),
            flakes=FlakeCounts(
                graphene=flakes.get((scan.id, True), 0), other=flakes.get((scan.id, False), 0)
            ),
        )
        for scan in scans
    ]


def read_tile(tile: Tile) -> tile_schemas.Tile:
    """Read one tile; it has a light once it was screened."""
    is_lit = None not in (tile.background_rgb, tile.noise_rgb, tile.bare_fraction, tile.focus)
    return tile_schemas.Tile.read(tile, light=Light.read(tile) if is_lit else None)


def read_flakes(session: Session, flakes: Sequence[Flake]) -> list[tile_schemas.Flake]:
    """Read flakes with their latest reviews."""
    reviews = latest_reviews(session, [flake.id for flake in flakes if flake.is_reviewed])
    return [_flake(flake, reviews.get(flake.id)) for flake in flakes]


def _flake(flake: Flake, review: Review | None) -> tile_schemas.Flake:
    x_um, y_um = flake.centre_x_um, flake.centre_y_um
    return tile_schemas.Flake.read(
        flake,
        **seen(flake),
        centre_um=None if x_um is None or y_um is None else (x_um, y_um),
        review=None if review is None else tile_schemas.Review.read(review),
    )


def seen(row: Seen) -> Mapping[str, Any]:
    """Gather what several columns of a flake or a detection say together."""
    return {
        "bbox_px": (row.bbox_x_px, row.bbox_y_px, row.bbox_width_px, row.bbox_height_px),
        "centre_px": (row.centre_x_px, row.centre_y_px),
        "contrast_rgb": (row.contrast_r, row.contrast_g, row.contrast_b),
    }


def flake_row(session: Session, flake_id: int) -> Flake:
    """Get the row as it is now; raises `NotFound`."""
    return found(session.get(Flake, flake_id, populate_existing=True), f"flake {flake_id}")
