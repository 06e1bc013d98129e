"""A bounded pool: so many tiles are screened at once, so many wait, the next is turned away."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TypeVar

from service.errors import Busy

Result = TypeVar("Result")


class ScreeningPool:
    """Runs work on `workers` threads; up to `waiting` more callers wait for their turn.

    Parameters
    ----------
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    def __init__(
        self, *, workers: int, waiting: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workers = workers
        self._places = workers + waiting
        self._taken = 0
        self._lock = threading.Lock()
        self._clock = clock
        # A tile's time follows its size: only the recent ones tell about those that wait.
        self._durations_s: deque[float] = deque(maxlen=32)
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="screening")

    @property
    def workers(self) -> int:
        """Images that are screened at once."""
        return self._workers

    @property
    def taken(self) -> int:
        """Places that are taken now, running or waiting."""
        return self._taken

    def run(self, work: Callable[[], Result]) -> Result:
        """Result of `work`, which ran on a thread of the pool.

        Raises
        ------
        Busy
            Every place is taken, or the pool is closing; `work` did not run.
        """
        self._enter()
        try:
            return self._submit(work).result()
        except CancelledError as error:
            raise _stopping() from error
        finally:
            with self._lock:
                self._taken -= 1

    def close(self) -> None:
        """Finish what runs, turn away what waits and what comes."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _enter(self) -> None:
        with self._lock:
            if self._taken >= self._places:
                raise Busy(
                    f"All {self._places} places for images that are screened or wait are taken.",
                    self._retry_after_s(),
                )
            self._taken += 1

    def _submit(self, work: Callable[[], Result]) -> Future[Result]:
        try:
            return self._executor.submit(self._timed, work)
        except RuntimeError as error:  # the executor was shut down
            raise _stopping() from error

    def _retry_after_s(self) -> int:
        # Half of those inside, `workers` at a time: then about half of the places are free.
        if not self._durations_s:
            return 1
        mean_s = sum(self._durations_s) / len(self._durations_s)
        return max(1, math.ceil(mean_s * self._taken / self._workers / 2))

    def _timed(self, work: Callable[[], Result]) -> Result:
        started = self._clock()
        try:
            return work()
        finally:
            duration_s = self._clock() - started
            with self._lock:
                self._durations_s.append(duration_s)


def _stopping() -> Busy:
    return Busy("The service is stopping.", retry_after_s=1)
