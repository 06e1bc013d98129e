"""How often somebody may call: a bucket of calls that fills at a steady rate."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# So many seconds of calls may come at once: a page with its pictures, a burst of tiles.
BURST_S = 5.0

# Who was not seen among so many others has a full bucket again, or nearly.
MOST_BUCKETS = 10_000


class Limiter:
    """Token buckets by key; at most `MOST_BUCKETS` of them are kept.

    Parameters
    ----------
    per_s : float
        Calls a second that last; 0 = no limit.
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(1.0, per_s * BURST_S)
        self._clock = clock
        self._lock = threading.Lock()
        # Calls that are left, and when that was.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one call from a bucket: 0, or the seconds until there is one."""
        if self._per_s <= 0:
            return 0.0
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(key, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_s)
            wait_s = 0.0 if left >= 1 else (1 - left) / self._per_s
            self._buckets[key] = (left if wait_s else left - 1, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return wait_s
