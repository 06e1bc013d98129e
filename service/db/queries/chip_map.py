"""Queries of the chip map and of exports: where tiles stand, their thumbnails, flakes in a box."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from service.db.queries.flakes import FlakeFilter
from service.db.tables import Detection, Flake, Review, Thumbnail, Tile

# minx, miny, maxx, maxy.
Box = tuple[float, float, float, float]


def tiles_of_map(session: Session, scan_id: int) -> Sequence[Any]:
    """List every tile of a scan whose size is known, in the order in which they came.

    `depth_bits` is None where there is no thumbnail of its present image.
    """
    present = and_(Thumbnail.tile_id == Tile.id, Thumbnail.made_from == Tile.sha256)
    query = (
        select(
            Tile.id,
            Tile.sha256,
            Tile.row,
            Tile.col,
            Tile.stage_x_um,
            Tile.stage_y_um,
            Tile.corrected_x_um,
            Tile.corrected_y_um,
            Tile.um_per_px,
            Tile.width_px,
            Tile.height_px,
            Tile.background_rgb,
            Thumbnail.depth_bits,
        )
        .join(Thumbnail, present, isouter=True)
        .where(Tile.scan_id == scan_id, Tile.width_px.is_not(None), Tile.height_px.is_not(None))
        .where(Tile.sha256 != "")
        .order_by(Tile.id)
    )
    return session.execute(query).all()


def thumbnails(session: Session, tile_ids: Collection[int]) -> dict[int, Thumbnail]:
    """Thumbnails of some tiles, also of images that were replaced since."""
    query = select(Thumbnail).where(Thumbnail.tile_id.in_(tile_ids))
    return {one.tile_id: one for one in session.scalars(query)}


def small_pictures(session: Session, tile_ids: Collection[int]) -> Sequence[Any]:
    """Read thumbnails as plain rows: a map reads ten thousand at once."""
    table = Thumbnail.__table__.c
    query = select(table.tile_id, table.made_from, table.depth_bits, table.jpeg)
    return session.execute(query.where(table.tile_id.in_(tile_ids))).all()


def count_flakes_in(session: Session, which: FlakeFilter, box: Box | None) -> int:
    """Count the flakes that match and whose place on the stage is known."""
    query = select(func.count()).select_from(Flake).where(*_asked(which))
    return session.scalar(query.where(*_on_stage(box))) or 0


def flakes_in(
    session: Session,
    which: FlakeFilter,
    box: Box | None,
    *,
    most: int,
    largest: bool = False,
    outlines: bool = False,
) -> Sequence[Row[Any]]:
    """Find at most so many matching flakes, with their place on the stage; any, or the largest."""
    query = _columns(Flake.centre_x_um.label("x"), Flake.centre_y_um.label("y"))
    if outlines:
        query = query.add_columns(Flake.polygon_um.label("polygon"))
    query = query.where(*_asked(which), *_on_stage(box)).limit(most)
    if largest:
        query = query.order_by(Flake.area_um2.desc().nulls_last(), Flake.area_px.desc(), Flake.id)
    return session.execute(query).all()


def flakes_on_tiles(session: Session, which: FlakeFilter) -> Sequence[Row[Any]]:
    """Flakes that match, with their tile and their place and outline on it."""
    query = _columns(Flake.centre_x_px.label("x"), Flake.centre_y_px.label("y"), Flake.tile_id)
    query = query.add_columns(Flake.polygon_px.label("polygon"))
    return session.execute(query.where(*_asked(which))).all()


def labels_of_scan(session: Session, scan_id: int | None) -> dict[int, str]:
    """Map each reviewed flake of a scan to the label of the review that counts."""
    query = (
        select(Review.flake_id, Review.label)
        .join(Flake, Flake.id == Review.flake_id)
        .where(Flake.scan_id == scan_id, Flake.is_reviewed, Review.undone_at.is_(None))
        .order_by(Review.id)
    )
    return dict(session.execute(query).all())


def _columns(*more: Any) -> Select[Any]:
    return select(
        Flake.id,
        Flake.area_um2,
        Flake.area_px,
        Flake.p_graphene,
        Flake.is_graphene,
        Flake.layers,
        *more,
    )


def _asked(which: FlakeFilter) -> list[ColumnElement[bool]]:
    asked = [Flake.scan_id == which.scan_id, Flake.is_lost.is_(False)]
    for column, value in (
        (Flake.is_graphene, which.graphene),
        (Flake.is_reviewed, which.reviewed),
    ):
        if value is not None:
            asked.append(column.is_(value))
    if which.min_area_um2 is not None:
        asked.append(Flake.area_um2 >= which.min_area_um2)
    if which.max_area_um2 is not None:
        asked.append(Flake.area_um2 <= which.max_area_um2)
    if which.min_p is not None:
        asked.append(Flake.p_graphene >= which.min_p)
    if which.layers:
        asked.append(Flake.layers.in_(which.layers))
    return asked


def _on_stage(box: Box | None) -> list[ColumnElement[bool]]:
    known = [Flake.centre_x_um.is_not(None), Flake.centre_y_um.is_not(None)]
    if box is None:
        return [*known]
    left, low, right, high = box
    return [Flake.centre_x_um.between(left, right), Flake.centre_y_um.between(low, high)]


def masks_of_flakes(session: Session, flake_ids: Collection[int]) -> dict[int, bytes]:
    """Read the mask, as PNG, of the detection that each of some flakes is described by."""
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
    """List the model versions that screened a scan's tiles."""
    query = select(Tile.model_version).where(Tile.scan_id == scan_id).distinct()
    return sorted(version for version in session.scalars(query) if version is not None)


def count_known(session: Session, scan_id: int) -> tuple[int, int, int]:
    """Count a scan's tiles, those with a stage position, and those with a scale."""
    query = select(func.count(), func.count(Tile.stage_x_um), func.count(Tile.um_per_px))
    tiles, placed, scaled = session.execute(query.where(Tile.scan_id == scan_id)).one()
    return tiles, placed, scaled
