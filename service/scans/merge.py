"""Merge: detections of the same object on overlapping tiles become one flake.

The flakes of a set of tiles do not depend on the order in which the tiles came: detections are
compared pair by pair, what is connected is one flake, and its values follow from its detections.
Only ids depend on the order.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations, pairwise

from sqlalchemy.orm import Session

from service.db.queries.scans import detections_near, detections_of_flakes, tiles_around
from service.db.tables import Detection, Flake, Scan, Tile
from service.scans.groups import Groups
from service.scans.patches import LARGEST_GAP_PX, tile_box_um
from service.scans.placing import stage_map_of
from service.scans.settle import settle
from service.scans.sights import Sight, sights_of
from service.vision.stage import scale_um_per_px


def merge(
    session: Session,
    scan: Scan,
    tile: Tile,
    fresh: Sequence[Detection],
    torn: Collection[int] = (),
) -> list[Flake]:
    """Bring a scan's flakes up to date after a tile has got new detections.

    Parameters
    ----------
    fresh : sequence of Detection
        The tile's detections; they need not be in the database yet. One that stands where an
        earlier one stood names the earlier one's flake already.
    torn : collection of int
        Flakes that lost a detection: what is left of them may fall apart, or be nothing.

    Returns
    -------
    list of Flake
        Those of `fresh`, and others that were touched.
    """
    stage = stage_map_of(scan, tile)
    new = [Sight(detection, tile, stage) for detection in fresh]
    around = sights_of(session, scan, _neighbours(session, scan, tile))
    pairs = [(one, other) for one in new for other in around if one.is_same(other)]
    touched = {other.detection.flake_id for _, other in pairs}
    flake_ids = {flake_id for flake_id in touched if flake_id is not None}.union(torn)
    members = sights_of(session, scan, detections_of_flakes(session, flake_ids))
    # Those that are not in the database yet.
    members += [
        sight
        for sight in new
        if sight.detection.id is None and sight.detection.flake_id in flake_ids
    ]
    sights = {sight.key: sight for sight in [*new, *members]}
    groups = Groups(sights)
    _connect(groups, pairs)
    for flake_id in flake_ids:
        belonging = [one for one in members if one.detection.flake_id == flake_id]
        _connect(groups, _links(belonging, known=flake_id not in torn))
    return settle(session, scan, [[sights[key] for key in group] for group in groups], flake_ids)


def _links(sights: Sequence[Sight], *, known: bool) -> Iterable[tuple[Sight, Sight]]:
    if known:
        # One flake already: a chain through all of them says so.
        return pairwise(sights)
    return (pair for pair in combinations(sights, 2) if pair[0].is_same(pair[1]))


def _connect(groups: Groups[tuple[str, int]], pairs: Iterable[tuple[Sight, Sight]]) -> None:
    for one, other in pairs:
        groups.connect(one.key, other.key)


def _neighbours(session: Session, scan: Scan, tile: Tile) -> list[Detection]:
    stage = stage_map_of(scan, tile)
    if stage is None or tile.width_px is None or tile.height_px is None:
        return []
    # Both tiles hold a point that they share: each stands at most its own diagonal away from it.
    tile_ids = tiles_around(session, tile, 2 * (scan.tile_reach_um or 0))
    left, bottom, right, top = tile_box_um(stage, (tile.width_px, tile.height_px))
    gap = LARGEST_GAP_PX * scale_um_per_px(stage.affine)
    box_um = (left - gap, bottom - gap, right + gap, top + gap)
    return detections_near(session, tile_ids, box_um)
