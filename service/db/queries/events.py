"""Queries about events."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from service.db.base import utc_now
from service.db.tables import Event, EventKind

# Who was away longer, or missed more, reads the state anew.
KEPT_EVENTS = 10_000
KEPT_FOR = timedelta(days=1)


def add_event(
    session: Session, kind: EventKind, body: Mapping[str, object], *, scan_id: int | None = None
) -> None:
    """Tell something, once and only if the transaction commits."""
    session.add(Event(kind=kind, scan_id=scan_id, body=dict(body)))


def newest_event_id(session: Session) -> int:
    """Id of the newest event, 0 where there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def events_after(
    session: Session, event_id: int, *, scan_id: int | None = None, limit: int = KEPT_EVENTS
) -> list[Event]:
    """Events with a higher id, the oldest first."""
    query = select(Event).where(Event.id > event_id).order_by(Event.id).limit(limit)
    if scan_id is not None:
        query = query.where(Event.scan_id == scan_id)
    return list(session.scalars(query))


def trim_events(session: Session, keep: int = KEPT_EVENTS) -> None:
    """Forget all but the newest, and those of the day before."""
    oldest = newest_event_id(session) - keep
    old = or_(Event.id <= oldest, Event.at < utc_now() - KEPT_FOR)
    session.execute(delete(Event).where(old))
