"""The newest reviews as labelled crops, cut from their tiles as screening cuts them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.db.queries.reviews import Reviewed, newest_reviewed
from service.db.tables import Scan, Tile
from service.errors import FlakescopeError
from service.scans.found import found
from service.scans.lighting import lighting_of
from service.scans.rows import decode_mask
from service.scans.tiles import ScreenJob, Stores, screen_job
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import decode
from service.vision.light import flat_field_of
from service.vision.normalise import normalise

# With fewer a wrong verdict of one person decides; with more the gate takes minutes.
MOST_REVIEWS = 500
# To read and normalise a tile takes a good part of a second.
MOST_TILES = 60

# Crops (n, size, size, 4) float32 by their size.
Crops = dict[int, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedCrops:
    """What people said of some flakes, and what the network sees of them.

    Attributes
    ----------
    is_graphene : (n,) bool
    flake_ids : list of n int
    """

    crops: Crops
    is_graphene: NDArray[np.bool_]
    flake_ids: list[int]


def reviewed_crops(stores: Stores, sizes: Collection[int]) -> ReviewedCrops:
    """Crops of the newest sure reviews.

    One tile after the other is read, without a session; those that were lost or replaced since are
    left out.
    """
    with stores.sessions() as session:
        by_tile: dict[int, list[Reviewed]] = defaultdict(list)
        for one in newest_reviewed(session, MOST_REVIEWS):
            if one.tile_id in by_tile or len(by_tile) < MOST_TILES:
                by_tile[one.tile_id].append(one)
    parts = [{size: np.zeros((0, size, size, 4), np.float32) for size in sizes}]
    used: list[Reviewed] = []
    for tile_id, said in by_tile.items():
        try:
            parts.append(_cut(_job(stores, tile_id), said, sizes))
        except FlakescopeError:
            continue
        used += said
    return ReviewedCrops(
        crops={size: np.concatenate([part[size] for part in parts]) for size in sizes},
        is_graphene=np.array([one.label == "graphene" for one in used], np.bool_),
        flake_ids=[one.flake_id for one in used],
    )


def _job(stores: Stores, tile_id: int) -> ScreenJob:
    with stores.sessions() as session:
        tile = found(session.get(Tile, tile_id), f"tile {tile_id}")
        scan = found(session.get(Scan, tile.scan_id), f"scan {tile.scan_id}")
        lighting = lighting_of(session, scan)
    return screen_job(stores.blobs, stores.blobs.get(tile.sha256), tile.um_per_px, lighting)


def _cut(job: ScreenJob, said: Sequence[Reviewed], sizes: Collection[int]) -> Crops:
    tile = decode(job.image, um_per_px=job.um_per_px, oxide_nm=job.oxide_nm)
    flat_field, _ = flat_field_of(job.flat_field, tile)
    normalised = normalise(tile, flat_field)
    candidates = [Candidate(one.x_px, one.y_px, decode_mask(one.mask_png)) for one in said]
    return {size: crop(normalised, candidates, size) for size in sizes}
