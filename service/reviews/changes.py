"""Changes: what another model version says differently of the flakes of a scan."""

from service.checks import check_limit, found, read_cursor, write_cursor
from service.db.engine import Sessions
from service.db.queries.models import find_model_version
from service.db.queries.verdicts import BECAME, MOVED, NO_LONGER, Versions, find_changes
from service.db.tables import Scan
from service.errors import InvalidValue
from service.reviews.schemas import Change, ChangePage

# A smaller difference changes no one's mind: two trainings of the same network differ by as much.
LEAST_DIFFERENCE = 0.2

_SORT = "changes"


def list_changes(
    sessions: Sessions,
    scan_id: int,
    before: str,
    after: str,
    *,
    limit: int = 100,
    cursor: str | None = None,
) -> ChangePage:
    """Flakes that became graphene, are it no longer, or whose p_graphene moved by over 0.2.

    Compares what both versions said last of each flake. What one of them did not find is not
    graphene to it; a flake whose tile the later version has not screened is left out.

    Raises
    ------
    NotFound
        No such scan or model version.
    InvalidValue
        Twice the same version, or a bad limit or cursor.
    """
    check_limit(limit)
    after_id = 0 if cursor is None else read_cursor(cursor, _SORT)[1]
    if before == after:
        raise InvalidValue(f"from and to are both {before!r}: name two versions.")
    versions = Versions(scan_id, before, after, LEAST_DIFFERENCE)
    with sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
        for version in (before, after):
            found(find_model_version(session, version), f"model version {version!r}")
        items, counts = find_changes(session, versions, after_id, limit + 1)
    more = len(items) > limit
    items = items[:limit]
    return ChangePage(
        items=[Change.read(one) for one in items],
        next_cursor=write_cursor(_SORT, None, items[-1].flake_id) if more else None,
        counts={kind: counts.get(kind, 0) for kind in (BECAME, NO_LONGER, MOVED)},
    )
