"""Census: how much is there, for who watches over the service."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.calibration.scan_optics import scan_optics
from service.db.base import utc_now
from service.db.engine import Sessions
from service.db.tables import TILE_STATES, Scan, Tile, Worker
from service.errors import NotFound


@dataclass(frozen=True, slots=True)
class Census:
    """Counts of one moment.

    Attributes
    ----------
    tiles : dict
        By state; every state is there.
    workers_s : dict
        Seconds since each worker was seen, by name.
    drifted_tiles : int
        Of the newest scan: tiles under another light than its others.
    """

    tiles: dict[str, int]
    workers_s: dict[str, float]
    drifted_tiles: int


def take_census(sessions: Sessions) -> Census:
    """Count now."""
    with sessions() as session:
        tiles = tiles_by_state(session)
        newest = session.scalar(select(func.max(Scan.id)))
        workers_s = _workers(session)
    return Census(tiles, workers_s, 0 if newest is None else _drifted(sessions, newest))


def tiles_by_state(session: Session) -> dict[str, int]:
    """Count the tiles in each state; every state is there."""
    tiles = dict.fromkeys(TILE_STATES, 0)
    for state, count in session.execute(select(Tile.state, func.count()).group_by(Tile.state)):
        tiles[state] = count
    return tiles


def _workers(session: Session) -> dict[str, float]:
    now = utc_now()
    # Clocks of machines differ: nobody was seen in the future.
    return {
        worker.name: max(0.0, (now - worker.seen_at).total_seconds())
        for worker in session.scalars(select(Worker))
    }


def _drifted(sessions: Sessions, scan_id: int) -> int:
    try:
        return len(scan_optics(sessions, scan_id).drift)
    except NotFound:  # deleted meanwhile
        return 0
