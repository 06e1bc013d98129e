"""Queries about scans, their tiles and detections."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from service.db.tables import Detection, FlakeCount, Scan, Tile


def lock_scan(session: Session, scan_id: int) -> Scan | None:
    """Lock the scan against other writers until the transaction ends.

    Who merges must see what the others merged. On SQLite the transaction holds the one write
    lock already. Rows that only refer to the scan can still be added.
    """
    query = select(Scan).where(Scan.id == scan_id).with_for_update(key_share=True)
    return session.scalars(query).one_or_none()


def page_of_scans(
    session: Session, below_id: int | None, count: int, source: str | None = None
) -> list[Scan]:
    """List up to `count` scans, newest first, from below an id on; all, or those of a source."""
    query = select(Scan).order_by(Scan.id.desc()).limit(count)
    if below_id is not None:
        query = query.where(Scan.id < below_id)
    if source is not None:
        query = query.where(Scan.source == source)
    return list(session.scalars(query))


def count_scans(session: Session, source: str | None = None) -> int:
    """Count the scans, in all or of a source."""
    query = select(func.count()).select_from(Scan)
    if source is not None:
        query = query.where(Scan.source == source)
    return session.scalar(query) or 0


def count_tiles(session: Session, scan_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Tiles of some scans by (scan, state)."""
    query = (
        select(Tile.scan_id, Tile.state, func.count())
        .where(Tile.scan_id.in_(scan_ids))
        .group_by(Tile.scan_id, Tile.state)
    )
    return {(scan_id, state): count for scan_id, state, count in session.execute(query)}


def count_flakes(session: Session, scan_ids: Sequence[int]) -> dict[tuple[int, bool], int]:
    """Flakes of some scans by (scan, is graphene), lost ones left out."""
    query = (
        select(FlakeCount.scan_id, FlakeCount.is_graphene, func.sum(FlakeCount.flakes))
        .where(FlakeCount.scan_id.in_(scan_ids))
        .group_by(FlakeCount.scan_id, FlakeCount.is_graphene)
    )
    return {(scan_id, graphene): count for scan_id, graphene, count in session.execute(query)}


def tile_at(session: Session, scan_id: int, position_key: str) -> Tile | None:
    """Find the tile at a position of a scan."""
    query = select(Tile).where(Tile.scan_id == scan_id, Tile.position_key == position_key)
    return session.scalars(query).one_or_none()


def tiles_by_id(session: Session, tile_ids: Collection[int]) -> dict[int, Tile]:
    """Find some tiles by their id."""
    if not tile_ids:
        return {}
    return {tile.id: tile for tile in session.scalars(select(Tile).where(Tile.id.in_(tile_ids)))}


def page_of_tiles(
    session: Session, scan_id: int, after_id: int, count: int, state: str | None = None
) -> list[Tile]:
    """List up to `count` tiles of a scan behind an id, in one state or all, in order of arrival."""
    query = select(Tile).where(Tile.scan_id == scan_id, Tile.id > after_id)
    if state is not None:
        query = query.where(Tile.state == state)
    return list(session.scalars(query.order_by(Tile.id).limit(count)))


def queued_tiles(session: Session, scan_id: int) -> list[int]:
    """Ids of a scan's tiles that wait, in order."""
    query = select(Tile.id).where(Tile.scan_id == scan_id, Tile.state == "queued")
    return list(session.scalars(query.order_by(Tile.id)))


def queued_among(session: Session, tile_ids: Collection[int]) -> list[int]:
    """Find those of some tiles that are queued, in order."""
    query = select(Tile.id).where(Tile.id.in_(tile_ids), Tile.state == "queued")
    return list(session.scalars(query.order_by(Tile.id)))


def has_queued_tiles(session: Session, scan_id: int) -> bool:
    """Tell whether any tile of a scan is queued."""
    query = select(Tile.id).where(Tile.scan_id == scan_id, Tile.state == "queued").limit(1)
    return session.scalar(query) is not None


def queue_again(session: Session, scan_id: int, states: Collection[str]) -> None:
    """Let a scan's tiles of these states wait again; those without an image cannot."""
    query = update(Tile).where(Tile.scan_id == scan_id, Tile.state.in_(states), Tile.sha256 != "")
    session.execute(query.values(state="queued", error=None, starts=0))


def tiles_around(session: Session, tile: Tile, reach_um: float) -> list[int]:
    """Ids of the scan's other tiles that stand at most `reach_um` off, in x and in y."""
    if tile.stage_x_um is None or tile.stage_y_um is None:
        return []
    query = select(Tile.id).where(
        Tile.scan_id == tile.scan_id,
        Tile.id != tile.id,
        Tile.stage_x_um.between(tile.stage_x_um - reach_um, tile.stage_x_um + reach_um),
        Tile.stage_y_um.between(tile.stage_y_um - reach_um, tile.stage_y_um + reach_um),
    )
    return list(session.scalars(query))


def blobs_of_scan(session: Session, scan_id: int) -> list[str]:
    """Names of the blobs that a scan's tiles refer to, each once."""
    query = select(Tile.sha256).where(Tile.scan_id == scan_id).distinct()
    return list(session.scalars(query))


# Left, bottom, right, top in um of the stage.
Box = tuple[float, float, float, float]


def detections_of_tile(session: Session, tile_id: int) -> list[Detection]:
    """List every detection on a tile."""
    return list(session.scalars(select(Detection).where(Detection.tile_id == tile_id)))


def detections_of_flakes(session: Session, flake_ids: Collection[int]) -> list[Detection]:
    """List every detection of some flakes."""
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
