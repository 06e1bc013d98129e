"""Queries of exports."""

from collections.abc import Collection

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from service.db.tables import Detection, Flake, Tile


def masks_of_flakes(session: Session, flake_ids: Collection[int]) -> dict[int, bytes]:
    """The mask, as PNG, of the detection that each of some flakes is described by."""
    same = and_(
        Detection.tile_id == Flake.tile_id,
        Detection.area_px == Flake.area_px,
        Detection.bbox_x_px == Flake.bbox_x_px,
        Detection.bbox_y_px == Flake.bbox_y_px,
        Detection.bbox_width_px == Flake.bbox_width_px,
        Detection.bbox_height_px == Flake.bbox_height_px,
    )
    query = (
        select(Flake.id, Detection.mask_png)
        .join(Detection, and_(Detection.flake_id == Flake.id, same))
        .where(Flake.id.in_(flake_ids))
    )
    return {row.id: row.mask_png for row in session.execute(query)}


def model_versions_of_scan(session: Session, scan_id: int) -> list[str]:
    """The model versions that screened a scan's tiles."""
    query = select(Tile.model_version).where(Tile.scan_id == scan_id).distinct()
    return sorted(version for version in session.scalars(query) if version is not None)


def count_known(session: Session, scan_id: int) -> tuple[int, int, int]:
    """How many tiles a scan has, how many have a stage position, and how many a scale."""
    query = select(func.count(), func.count(Tile.stage_x_um), func.count(Tile.um_per_px))
    tiles, placed, scaled = session.execute(query.where(Tile.scan_id == scan_id)).one()
    return tiles, placed, scaled
