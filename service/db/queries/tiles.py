"""Queries about tiles."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.db.tables import Tile


def tile_at(session: Session, scan_id: int, position_key: str) -> Tile | None:
    """The tile at a position of a scan."""
    query = select(Tile).where(Tile.scan_id == scan_id, Tile.position_key == position_key)
    return session.scalars(query).one_or_none()


def tiles_by_id(session: Session, tile_ids: Collection[int]) -> dict[int, Tile]:
    """Some tiles by their id."""
    if not tile_ids:
        return {}
    return {tile.id: tile for tile in session.scalars(select(Tile).where(Tile.id.in_(tile_ids)))}


def page_of_tiles(
    session: Session, scan_id: int, after_id: int, count: int, state: str | None = None
) -> list[Tile]:
    """Up to `count` tiles of a scan behind an id, in one state or all, in the order they came."""
    query = select(Tile).where(Tile.scan_id == scan_id, Tile.id > after_id)
    if state is not None:
        query = query.where(Tile.state == state)
    return list(session.scalars(query.order_by(Tile.id).limit(count)))


def queued_tiles(session: Session, scan_id: int) -> list[int]:
    """Ids of a scan's tiles that wait, in order."""
    query = select(Tile.id).where(Tile.scan_id == scan_id, Tile.state == "queued")
    return list(session.scalars(query.order_by(Tile.id)))


def queued_among(session: Session, tile_ids: Collection[int]) -> list[int]:
    """Those of some tiles that wait, in order."""
    query = select(Tile.id).where(Tile.id.in_(tile_ids), Tile.state == "queued")
    return list(session.scalars(query.order_by(Tile.id)))


def has_queued_tiles(session: Session, scan_id: int) -> bool:
    """Whether any tile of a scan waits."""
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
