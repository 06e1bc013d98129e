"""Settle: each group of detections gets its flake, and flakes without detections go."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from sqlalchemy.orm import Session

from service.db.queries.flakes import flakes_by_id
from service.db.queries.reviews import latest_reviews, move_reviews, move_revisits, revisited
from service.db.tables import Flake, Scan, Seen
from service.scans.patches import join
from service.scans.rows import rounded
from service.scans.sights import Sight

_SEEN = tuple(Seen.__annotations__)

# A crust of thick graphite may cover hundreds of tiles: its outline is drawn from the largest.
MOST_JOINED = 32


def settle(
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
