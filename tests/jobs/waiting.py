"""Waits for what a worker does meanwhile."""

import time
from collections.abc import Callable

from service.db.engine import Sessions
from service.scans.scans import get_scan
from service.scans.schemas import Scan

# Far more than anything takes: only a failure waits so long.
PATIENCE_S = 300


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def wait_for_end(sessions: Sessions, scan_id: int) -> Scan:
    ended = ("done", "failed", "cancelled")
    wait_until(lambda: get_scan(sessions, scan_id).state in ended)
    return get_scan(sessions, scan_id)
