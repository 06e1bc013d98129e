"""Queries about scans."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.db.tables import FlakeCount, Scan, Tile


def lock_scan(session: Session, scan_id: int) -> Scan | None:
    """The scan, held against other writers until the transaction ends.

    Who merges must see what the others merged. On SQLite the transaction holds the one write
    lock already. Rows that only refer to the scan can still be added.
    """
    query = select(Scan).where(Scan.id == scan_id).with_for_update(key_share=True)
    return session.scalars(query).one_or_none()


def page_of_scans(
    session: Session, below_id: int | None, count: int, source: str | None = None
) -> list[Scan]:
    """Up to `count` scans, newest first, from below an id on; all, or those of a source."""
    query = select(Scan).order_by(Scan.id.desc()).limit(count)
    if below_id is not None:
        query = query.where(Scan.id < below_id)
    if source is not None:
        query = query.where(Scan.source == source)
    return list(session.scalars(query))


def count_scans(session: Session, source: str | None = None) -> int:
    """How many scans there are, in all or of a source."""
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
