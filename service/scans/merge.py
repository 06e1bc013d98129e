"""Merge detections of the same object on overlapping tiles to one flake."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Generic, TypeVar

import numpy as np
from sqlalchemy.orm import Session

from service.db.queries.flakes import flakes_by_id
from service.db.queries.reviews import latest_reviews, move_reviews, move_revisits, revisited
from service.db.queries.scans import detections_near, detections_of_flakes, tiles_around
from service.db.tables import Detection, Flake, Scan, Seen, Tile
from service.scans.patches import LARGEST_GAP_PX, join, tile_box_um
from service.scans.positions import stage_map_of
from service.scans.rows import rounded
from service.scans.sights import Sight, sights_of
from service.vision.stage import scale_um_per_px

_SEEN = tuple(Seen.__annotations__)

# A crust of thick graphite may cover hundreds of tiles: its outline is drawn from the largest.
MOST_JOINED = 32


def assign_flakes(
    session: Session, scan: Scan, groups: Iterable[Sequence[Sight]], flake_ids: Collection[int]
) -> list[Flake]:
    """Give each group the flake that its detections had before, or a new one; all of these.

    Parameters
    ----------
    groups : iterable of sequences of Sight
        Each holds everything that shows one flake.
    flake_ids : collection of int
        Flakes that may have lost all their detections.
    """
    ordered = sorted((sorted(group, key=_rank) for group in groups), key=lambda one: one[0].rank)
    claims = [sorted(_flake_ids(group)) for group in ordered]
    free = flakes_by_id(session, set(flake_ids).union(*claims))
    settled = []
    for group, claimed in zip(ordered, claims, strict=True):
        owned = next((flake_id for flake_id in claimed if flake_id in free), None)
        flake = Flake(scan_id=scan.id) if owned is None else free.pop(owned)
        _describe(flake, group)
        session.add(flake)
        settled.append(flake)
    session.flush()
    for flake, group in zip(settled, ordered, strict=True):
        for sight in group:
            sight.detection.flake_id = flake.id
    heirs = {
        old: flake.id
        for flake, claimed in zip(reversed(settled), reversed(claims), strict=True)
        for old in claimed
    }
    _retire(session, list(free.values()), heirs)
    return settled


def _rank(sight: Sight) -> tuple[bool, float, float, tuple[str, int]]:
    return sight.rank


def _flake_ids(group: Iterable[Sight]) -> set[int]:
    found = (sight.detection.flake_id for sight in group)
    return {flake_id for flake_id in found if flake_id is not None}


def _describe(flake: Flake, group: Sequence[Sight]) -> None:
    """Write what the best sight, the first, shows; join the parts where none shows it whole."""
    best, stage = group[0].detection, group[0].stage
    for column in _SEEN:
        setattr(flake, column, getattr(best, column))
    on_stage = None if stage is None else stage.to_stage(np.array(best.polygon_px))
    flake.polygon_um = None if on_stage is None else rounded(on_stage)
    flake.is_lost = False
    patches = [sight.patch for sight in group[:MOST_JOINED]] if best.touches_border else []
    placed = [patch for patch in patches if patch is not None]
    if len(placed) < 2:
        return
    joined = join(placed)
    flake.area_um2 = joined.area_um2
    flake.centre_x_um, flake.centre_y_um = joined.centre_um
    flake.polygon_um = rounded(joined.polygon_um)
    flake.touches_border = joined.touches_border


def _retire(session: Session, flakes: Sequence[Flake], heirs: dict[int, int]) -> None:
    """Remove flakes that no detection shows any more; what people did with them is kept."""
    if not flakes:
        return
    session.flush()
    ids = [flake.id for flake in flakes]
    kept = latest_reviews(session, ids).keys() | revisited(session, ids)
    for flake in flakes:
        heir = heirs.get(flake.id)
        if heir is None and flake.id in kept:
            flake.is_lost = True
            continue
        if heir is not None:
            move_reviews(session, flake.id, heir)
            move_revisits(session, flake.id, heir)
        session.delete(flake)
    session.flush()


Item = TypeVar("Item", bound=Hashable)


class Groups(Generic[Item]):
    """Items that start alone and are connected one pair at a time (disjoint sets)."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._leader = {item: item for item in items}

    def connect(self, one: Item, other: Item) -> None:
        """Put two items, and all that is connected with either, into one group."""
        self._leader[self._find(one)] = self._find(other)

    def __iter__(self) -> Iterator[list[Item]]:
        groups: dict[Item, list[Item]] = {}
        for item in self._leader:
            groups.setdefault(self._find(item), []).append(item)
        return iter(groups.values())

    def _find(self, item: Item) -> Item:
        while self._leader[item] != item:
            # Each step halves the way for the next one who asks.
            self._leader[item] = self._leader[self._leader[item]]
            item = self._leader[item]
        return item


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
    return assign_flakes(
        session, scan, [[sights[key] for key in group] for group in groups], flake_ids
    )


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
