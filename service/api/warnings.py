"""What does not keep the service from answering, but should be known: in words."""

from service.jobs.workers import Signs
from service.scans.archives import RESERVE_BYTES

# From here on it is time to act: a scan of 10,000 tiles has some 10 GB.
LITTLE_BYTES = 10 * RESERVE_BYTES


def no_worker(signs: Signs) -> str | None:
    """Where no worker lives."""
    if signs.alive:
        return None
    if signs.last_seen_s is None:
        return "No worker was ever seen here: scans wait until one runs."
    return f"No worker is alive, the last one was seen {signs.last_seen_s:.0f} s ago: scans wait."


def no_trainer(signs: Signs, waiting: int) -> str | None:
    """Where trainings wait and no trainer lives."""
    if signs.alive or not waiting:
        return None
    trainings = "1 training waits" if waiting == 1 else f"{waiting} trainings wait"
    return f"{trainings}, but no trainer runs: start one with `flakescope trainer`."


def little_room(free_bytes: int) -> str | None:
    """Where the disk is nearly full."""
    if free_bytes >= LITTLE_BYTES:
        return None
    free = f"The disk of the data folder has {free_bytes / 2**30:.1f} GiB free"
    if free_bytes < RESERVE_BYTES:
        return f"{free}: uploads are refused below {RESERVE_BYTES / 2**30:.0f} GiB."
    return f"{free}: delete scans that nobody needs, or make room."
