"""Saving: what one screening found becomes rows, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from sqlalchemy.orm import Session

from service.db.base import utc_now
from service.db.queries.flakes import flakes_on_tile, lost_flakes_of_tile
from service.db.queries.models import find_model_version
from service.db.queries.scans import add_detections, delete_detections_of_tile, detections_of_tile
from service.db.queries.verdicts import remember_verdicts
from service.db.tables import Detection, Flake, Scan, Tile
from service.errors import InvalidModel
from service.scans.happenings import tell_failed, tell_screened
from service.scans.merge import merge
from service.scans.patches import tile_box_um
from service.scans.placing import stage_map_of
from service.scans.rows import detection_rows, light_columns
from service.scans.viewing import flake_views, tile_view
from service.scans.views import TileAdded
from service.screening.pipeline import Screening

# Where an earlier detection and a new one on the same tile cover the same place by this much
# (intersection over union of their boxes), the new one takes over its flake, id and reviews.
_SAME_PLACE = 0.5


def save_screening(session: Session, scan: Scan, tile: Tile, screening: Screening) -> list[Flake]:
    """Put a screening in the place of the tile's earlier one, and merge; the flakes on the tile.

    `scan` is locked; `tile` has its position, size and scale.

    Raises
    ------
    InvalidModel
        The model version that screened was not registered.
    """
    if find_model_version(session, screening.model_version) is None:
        raise InvalidModel(
            f"Model version {screening.model_version!r} screened the tile but is not registered."
        )
    _note(tile, screening)
    formers = [] if tile.id is None else _take_back(session, tile)
    session.add(tile)
    session.flush()
    seen = {former.flake_id for former in formers}
    remember_verdicts(session, scan.id, seen, screening.model_version)
    stage = stage_map_of(scan, tile)
    if stage is not None and tile.width_px is not None and tile.height_px is not None:
        left, bottom, right, top = tile_box_um(stage, (tile.width_px, tile.height_px))
        scan.tile_reach_um = max(scan.tile_reach_um or 0, hypot(right - left, top - bottom))
    fresh = detection_rows(tile, screening, stage)
    _inherit(fresh, formers)
    touched = merge(session, scan, tile, fresh, torn=seen)
    add_detections(session, fresh)
    tell_screened(session, scan, tile, fresh)
    shown = {row.flake_id for row in fresh}
    return sorted((flake for flake in touched if flake.id in shown), key=lambda flake: flake.id)


def clear_screening(session: Session, scan: Scan, tile: Tile) -> None:
    """Take back what was found on a tile, as when it cannot be screened any more.

    `scan` is locked; `tile` has its id.
    """
    formers = _take_back(session, tile)
    merge(session, scan, tile, [], torn={former.flake_id for former in formers})
    tell_failed(session, scan, tile)


def stored_answer(session: Session, tile: Tile, *, created: bool = False) -> TileAdded:
    """A tile with every flake that the database has on it."""
    return answer(session, tile, flakes_on_tile(session, tile.id), created=created)


def answer(session: Session, tile: Tile, flakes: Sequence[Flake], *, created: bool) -> TileAdded:
    """A tile with the flakes on it."""
    return TileAdded(tile_view(tile), flake_views(session, flakes), created)


def _note(tile: Tile, screening: Screening) -> None:
    tile.state = "screened"
    tile.error = None
    tile.model_version = screening.model_version
    tile.screened_at = utc_now()
    for column, value in light_columns(screening.light).items():
        setattr(tile, column, value)


@dataclass(frozen=True, slots=True)
class _Former:
    """Where a flake was seen on the tile before."""

    flake_id: int
    box_px: tuple[int, int, int, int]


def _take_back(session: Session, tile: Tile) -> list[_Former]:
    """Remove what was found on a tile before; where flakes were seen on it."""
    rows = detections_of_tile(session, tile.id)
    found = [_Former(row.flake_id, _box_px(row)) for row in rows if row.flake_id is not None]
    lost = lost_flakes_of_tile(session, tile.id)
    delete_detections_of_tile(session, tile.id)
    return [*found, *(_Former(flake.id, _box_px(flake)) for flake in lost)]


def _box_px(row: Detection | Flake) -> tuple[int, int, int, int]:
    return row.bbox_x_px, row.bbox_y_px, row.bbox_width_px, row.bbox_height_px


def _inherit(fresh: Sequence[Detection], formers: Sequence[_Former]) -> None:
    for former in formers:
        heirless = [row for row in fresh if row.flake_id is None]
        best = max(heirless, key=lambda row: _overlap(_box_px(row), former.box_px), default=None)
        if best is not None and _overlap(_box_px(best), former.box_px) >= _SAME_PLACE:
            best.flake_id = former.flake_id


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Intersection over union of two boxes, (x, y, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
