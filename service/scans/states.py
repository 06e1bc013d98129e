"""States: when a scan to which tiles are sent one by one is complete."""

from sqlalchemy.orm import Session

from service.db.queries.scans import count_tiles, has_queued_tiles
from service.db.tables import Scan


def complete_if_all_there(session: Session, scan: Scan) -> None:
    """An open scan is done when as many tiles as expected are screened or failed.

    `scan` is locked, what was written is flushed.
    """
    if scan.state != "open" or scan.tiles_expected is None:
        return
    # The look at one waiting tile is cheap; the count, at 100,000 tiles, is not.
    if has_queued_tiles(session, scan.id):
        return
    if sum(count_tiles(session, [scan.id]).values()) >= scan.tiles_expected:
        scan.state = "done"
