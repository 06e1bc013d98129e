"""Queries about detections."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from service.db.tables import Detection

# Left, bottom, right, top in um of the stage.
Box = tuple[float, float, float, float]


def detections_of_tile(session: Session, tile_id: int) -> list[Detection]:
    """Every detection on a tile."""
    return list(session.scalars(select(Detection).where(Detection.tile_id == tile_id)))


def detections_of_flakes(session: Session, flake_ids: Collection[int]) -> list[Detection]:
    """Every detection of some flakes."""
    if not flake_ids:
        return []
    return list(session.scalars(select(Detection).where(Detection.flake_id.in_(flake_ids))))


def detections_near(session: Session, tile_ids: Sequence[int], box_um: Box) -> list[Detection]:
    """Detections on some tiles whose bounding box meets a box."""
    query = select(Detection).where(
        Detection.tile_id.in_(tile_ids),
        Detection.min_x_um <= box_um[2],
        Detection.max_x_um >= box_um[0],
        Detection.min_y_um <= box_um[3],
        Detection.max_y_um >= box_um[1],
    )
    return list(session.scalars(query))


def add_detections(session: Session, detections: Sequence[Detection]) -> None:
    """Write new detections in one statement; the session does not know them, nor their ids."""
    table = Detection.metadata.tables[Detection.__tablename__]
    names = [column.name for column in table.columns if not column.primary_key]
    rows = [{name: vars(one).get(name) for name in names} for one in detections]
    if rows:
        # Past the ORM, which would take as long again: nobody counts or tells of detections.
        session.execute(insert(table), rows)


def delete_detections_of_tile(session: Session, tile_id: int) -> None:
    """Remove every detection on a tile."""
    session.execute(delete(Detection).where(Detection.tile_id == tile_id))
