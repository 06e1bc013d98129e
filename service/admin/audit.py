"""The record of what administrators did."""

from dataclasses import dataclass

from service.admin.schemas import AuditEntry, AuditPage
from service.checks import check_limit, read_cursor, write_cursor
from service.db.engine import Sessions, writing
from service.db.queries.access import page_of_audit
from service.db.tables import Audit

# The newest has the highest id.
_SORT = "-id"


@dataclass(frozen=True, slots=True)
class Act:
    """Something an administrator asks for.

    Attributes
    ----------
    who : str
        The token's name.
    address : str
        Where it came from.
    action, object : str
        "delete_scan", "/v1/scans/7".
    """

    who: str
    address: str
    action: str
    object: str


def begin_act(sessions: Sessions, act: Act) -> int:
    """Record an act in the audit log before it is done and return the entry's number."""
    with writing(sessions) as session:
        row = Audit(
            who=act.who[:100],
            address=act.address[:100],
            action=act.action[:100],
            object=act.object[:300],
        )
        session.add(row)
        session.flush()
        return row.id


def end_act(sessions: Sessions, entry_id: int, outcome: str) -> None:
    """Note what became of it."""
    with writing(sessions) as session:
        session.get_one(Audit, entry_id).outcome = outcome[:300]


def list_audit(sessions: Sessions, *, limit: int = 100, cursor: str | None = None) -> AuditPage:
    """List audit entries, newest first; raises `InvalidValue` on a bad limit or cursor."""
    check_limit(limit)
    below_id = None if cursor is None else read_cursor(cursor, _SORT)[1]
    with sessions() as session:
        # One more than asked for tells whether there is a next page.
        rows = page_of_audit(session, below_id, limit + 1)
        entries = [AuditEntry.read(row) for row in rows[:limit]]
    more = len(rows) > limit
    return AuditPage(
        items=entries, next_cursor=write_cursor(_SORT, None, entries[-1].id) if more else None
    )
