"""Save what one screening found, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from sqlalchemy.orm import Session

from service.db.base import utc_now
from service.db.hooks import note_map_changes
from service.db.queries.events import add_event
from service.db.queries.flakes import flakes_on_tile, lost_flakes_of_tile
from service.db.queries.models import find_model_version
from service.db.queries.scans import add_detections, delete_detections_of_tile, detections_of_tile
from service.db.queries.verdicts import remember_verdicts
from service.db.tables import Detection, Flake, Scan, Thumbnail, Tile
from service.errors import InvalidModel
from service.scans.merge import merge
from service.scans.patches import tile_box_um
from service.scans.positions import stage_map_of
from service.scans.reading import read_flakes, read_tile
from service.scans.rows import detection_rows, light_columns
from service.scans.tile_schemas import TileAdded
from service.screening.pipeline import Screening
from service.vision.stage import StageMap
from service.vision.thumbnail import SmallPicture

# A tile full of dust has thousands; who wants all of them asks for the flakes of the scan.
_MOST_FLAKES = 20


def tell_screened(session: Session, scan: Scan, tile: Tile, found: Sequence[Detection]) -> None:
    """Add the event that a tile was screened and merged, naming its surest graphene flakes."""
    graphene = sorted((one for one in found if one.is_graphene), key=lambda one: -one.p_graphene)
    flakes = [
        {
            "id": one.flake_id,
            "p_graphene": one.p_graphene,
            "layers": one.layers,
            "area_um2": one.area_um2,
        }
        for one in graphene[:_MOST_FLAKES]
    ]
    counts = {"graphene": len(graphene), "other": len(found) - len(graphene)}
    body = _named(tile) | counts | {"flakes": flakes}
    add_event(session, "tile_screened", body, scan_id=scan.id)


def tell_failed(session: Session, scan: Scan, tile: Tile) -> None:
    """Add the event that a tile cannot be screened."""
    add_event(session, "tile_failed", _named(tile) | {"error": tile.error}, scan_id=scan.id)


def _named(tile: Tile) -> dict[str, object]:
    return {"tile_id": tile.id, "name": tile.name, "row": tile.row, "col": tile.col}


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
    note_reach(scan, tile, stage)
    fresh = detection_rows(tile, screening, stage)
    _inherit(fresh, formers)
    touched = merge(session, scan, tile, fresh, torn=seen)
    add_detections(session, fresh)
    tell_screened(session, scan, tile, fresh)
    shown = {row.flake_id for row in fresh}
    return sorted((flake for flake in touched if flake.id in shown), key=lambda flake: flake.id)


def note_reach(scan: Scan, tile: Tile, stage: StageMap | None) -> None:
    """Note the largest tile's diagonal on the stage, by which neighbours are found."""
    if stage is not None and tile.width_px is not None and tile.height_px is not None:
        left, bottom, right, top = tile_box_um(stage, (tile.width_px, tile.height_px))
        scan.tile_reach_um = max(scan.tile_reach_um or 0, hypot(right - left, top - bottom))


def clear_screening(session: Session, scan: Scan, tile: Tile) -> None:
    """Take back what was found on a tile, as when it cannot be screened any more.

    `scan` is locked; `tile` has its id.
    """
    formers = _take_back(session, tile)
    merge(session, scan, tile, [], torn={former.flake_id for former in formers})
    tell_failed(session, scan, tile)


def stored_answer(session: Session, tile: Tile, *, created: bool = False) -> TileAdded:
    """Answer with a tile and every flake that the database has on it."""
    return answer(session, tile, flakes_on_tile(session, tile.id), created=created)


def answer(session: Session, tile: Tile, flakes: Sequence[Flake], *, created: bool) -> TileAdded:
    """Answer with a tile and the flakes on it."""
    return TileAdded(tile=read_tile(tile), flakes=read_flakes(session, flakes), created=created)


def _note(tile: Tile, screening: Screening) -> None:
    tile.state = "screened"
    tile.error = None
    tile.model_version = screening.model_version
    tile.screened_at = utc_now()
    for column, value in light_columns(screening.light).items():
        setattr(tile, column, value)


@dataclass(frozen=True, slots=True)
class _Former:
    """Former place of a flake: where it was seen on the tile before."""

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


def keep_thumbnail(session: Session, tile: Tile, picture: SmallPicture | None) -> None:
    """Keep a tile's small picture; the scan is locked, and the tile has its id and image."""
    if picture is None:
        return
    there = session.get(Thumbnail, tile.id)
    if there is not None and there.made_from == tile.sha256:
        return
    if there is None:
        add_thumbnail(session, tile, picture)
    else:
        there.made_from, there.jpeg = tile.sha256, picture.jpeg
        there.depth_bits = picture.depth_bits
    note_map_changes(session, {tile.scan_id})


def add_thumbnail(session: Session, tile: Tile, picture: SmallPicture | None) -> None:
    """Keep the small picture of a tile that is new: its map has changed with it already."""
    if picture is not None:
        session.add(
            Thumbnail(
                tile_id=tile.id,
                made_from=tile.sha256,
                jpeg=picture.jpeg,
                depth_bits=picture.depth_bits,
            )
        )
