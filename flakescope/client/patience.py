"""Patience: how long a call that fails for now is tried again, and how often."""

import random
import threading
import time
from email.utils import parsedate_to_datetime

# A service that restarts is back within seconds, one that is off for the night is asked gently.
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
# A service says when it has room; more than this is not what a person at a microscope waits for.
LONGEST_RETRY_AFTER_S = 60.0


class Patience:
    """Pauses that grow, until `limit_s` are over (None = never) or `stop` is set."""

    def __init__(self, limit_s: float | None, stop: threading.Event | None = None) -> None:
        self._deadline = None if limit_s is None else time.monotonic() + limit_s
        self._stop = threading.Event() if stop is None else stop
        self._pause_s = FIRST_PAUSE_S

    def pause(self, retry_after: str | None = None) -> bool:
        """Wait before the next try; False where there shall be none."""
        asked_s = seconds_of(retry_after)
        if asked_s is None:
            # Not all clients of a service that comes back call in the same moment.
            asked_s = self._pause_s * random.uniform(0.5, 1.0)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        pause_s = min(asked_s, LONGEST_RETRY_AFTER_S)
        if self._deadline is not None and time.monotonic() + pause_s > self._deadline:
            return False
        return not self._stop.wait(pause_s)


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header: a number, or a date (RFC 9110); None for anything else."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
