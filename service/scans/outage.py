"""Outage: while the database, the store of images or room on the disk is missing, a job waits.

It is nobody's fault in the scan and may last a night; what was accepted must not be lost by it.
"""

import logging
import time
from collections.abc import Callable
from itertools import chain, repeat
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from service.db.blobs import NO_ROOM
from service.errors import StorageFull, Unavailable

_log = logging.getLogger(__name__)

# What a job raises then; an `OSError` that says so too: `is_outage`.
AWAY = (OperationalError, InterfaceError, NoConnection, Unavailable, StorageFull)

# A database that restarts is back within seconds; who gave room back should not have to wait.
PAUSES_S = (0.5, 1.0, 2.0, 5.0)

Result = TypeVar("Result")


def is_outage(error: Exception) -> bool:
    """Tell whether an error passes once the database, the store or the disk is well again."""
    return isinstance(error, AWAY) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def wait_out(work: Callable[[], Result], sleep: Callable[[float], None] = time.sleep) -> Result:
    """Retry `work`, which may be repeated, until no outage stands in its way."""
    for pause_s in chain(PAUSES_S, repeat(PAUSES_S[-1])):
        try:
            return work()
        except Exception as error:
            if not is_outage(error):
                raise
            # The first line: what follows is SQL.
            _log.warning("A job waits: %s", str(error).partition("\n")[0])
            sleep(pause_s)
    raise AssertionError("the pauses have no end")
