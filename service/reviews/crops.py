"""Cut the crops of reviewed flakes, as screening cuts them: for the gate and for training alike."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.checks import found
from service.db.queries.reviews import Reviewed, newest_reviewed
from service.db.tables import Scan, Tile
from service.errors import FlakescopeError
from service.scans.lighting import lighting_of
from service.scans.rows import decode_mask
from service.scans.tiles import Stores, screen_job
from service.screening.screen import ScreenJob, normalise_image
from service.vision.candidate import Candidate
from service.vision.crop import crop

# Crops (n, size, size, 4) float32 by their size.
Crops = dict[int, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedTile:
    """Reviewed flakes of one tile, and what a network sees of them.

    Attributes
    ----------
    said : list of n Reviewed
    crops : Crops or None
        n crops of each size; None where the tile's image was lost or replaced since.
    """

    tile_id: int
    said: list[Reviewed]
    crops: Crops | None


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedCrops:
    """Reviewed flakes: what people said of them, and the crops that a network sees.

    Attributes
    ----------
    is_graphene : (n,) bool
    flake_ids : list of n int
    """

    crops: Crops
    is_graphene: NDArray[np.bool_]
    flake_ids: list[int]


def reviewed_tiles(
    stores: Stores,
    sizes: Collection[int],
    *,
    most_reviews: int | None = None,
    most_tiles: int | None = None,
) -> Iterator[ReviewedTile]:
    """Cut the flakes of the newest sure reviews, one tile after the other, without a session.

    Each tile is decoded with its scale, its oxide and its scan's flat field, as it was screened:
    a network is judged by, and learns from, what it is shown when it serves.
    """
    with stores.sessions() as session:
        by_tile: dict[int, list[Reviewed]] = defaultdict(list)
        for one in newest_reviewed(session, most_reviews):
            if most_tiles is None or one.tile_id in by_tile or len(by_tile) < most_tiles:
                by_tile[one.tile_id].append(one)
    for tile_id, said in sorted(by_tile.items()):
        yield ReviewedTile(tile_id, said, _cut(stores, tile_id, said, sizes))


def reviewed_crops(
    stores: Stores, sizes: Collection[int], *, most_reviews: int, most_tiles: int
) -> ReviewedCrops:
    """Join the crops of the newest sure reviews; tiles that cannot be read are left out."""
    parts = [{size: np.zeros((0, size, size, 4), np.float32) for size in sizes}]
    used: list[Reviewed] = []
    for tile in reviewed_tiles(stores, sizes, most_reviews=most_reviews, most_tiles=most_tiles):
        if tile.crops is not None:
            parts.append(tile.crops)
            used += tile.said
    return ReviewedCrops(
        crops={size: np.concatenate([part[size] for part in parts]) for size in sizes},
        is_graphene=np.array([one.label == "graphene" for one in used], np.bool_),
        flake_ids=[one.flake_id for one in used],
    )


def _cut(
    stores: Stores, tile_id: int, said: Sequence[Reviewed], sizes: Collection[int]
) -> Crops | None:
    try:
        normalised = normalise_image(_job(stores, tile_id))
    except FlakescopeError:
        return None
    candidates = [Candidate(one.x_px, one.y_px, decode_mask(one.mask_png)) for one in said]
    return {size: crop(normalised, candidates, size) for size in sizes}


def _job(stores: Stores, tile_id: int) -> ScreenJob:
    with stores.sessions() as session:
        tile = found(session.get(Tile, tile_id), f"tile {tile_id}")
        scan = found(session.get(Scan, tile.scan_id), f"scan {tile.scan_id}")
        lighting = lighting_of(session, scan)
    return screen_job(stores.blobs, stores.blobs.get(tile.sha256), tile.um_per_px, lighting)
