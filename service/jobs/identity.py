"""Who a worker is. The engine gives a restarted worker back the jobs of the one of its name.

So a name must stay the same over restarts, and never be that of two living processes.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

from flakescope.client.lock import FileLock
from service.errors import Conflict

# On SQLite one worker runs at a time: its one name needs no host in it.
EMBEDDED = "local"

# The worker before may still be ending: it sees the end of its parent, then finishes its tiles.
_PATIENCE_S = 30.0

# More workers than any computer has use for.
_MOST_ON_A_HOST = 256


@dataclass(frozen=True, slots=True)
class Identity:
    """A name, and the lock that makes it this process's own."""

    name: str
    lock: FileLock


def take_identity(folder: Path, *, alone: bool, patience_s: float = _PATIENCE_S) -> Identity:
    """The name of the only worker, or the first free one of this host; `folder` keeps the locks.

    Raises
    ------
    Conflict
        Another worker runs on the same SQLite file.
    """
    if alone:
        lock = FileLock(folder / f"{EMBEDDED}.lock")
        if not lock.take(patience_s):
            raise Conflict(
                "Another worker runs on this SQLite file, and only one may: "
                "use PostgreSQL for more."
            )
        return Identity(EMBEDDED, lock)
    host = socket.gethostname()
    for number in range(1, _MOST_ON_A_HOST + 1):
        lock = FileLock(folder / f"{host}-{number}.lock")
        if lock.take():
            return Identity(f"{host}-{number}", lock)
    raise Conflict(f"{_MOST_ON_A_HOST} workers run on {host} already.")
