"""What is counted and timed while the service works, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram

from service.errors import Busy, FlakescopeError

# Seconds. A step of a tile takes 2 ms (crop) to 200 ms (segment); a huge tile ten times that.
STAGE_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
# A page of flakes takes some ms, an archive minutes.
CALL_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0, 300.0)

# What else is sent as a method has no end.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OUTCOMES = ("screened", "refused", "turned_away", "failed")

Job = TypeVar("Job")
Done = TypeVar("Done")

Clock = Callable[[], float]


class Metrics:
    """Counters of one service; they live in a registry of their own.

    Parameters
    ----------
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._calls = Counter(
            "flakescope_calls_total",
            "Calls that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._call_s = Histogram(
            "flakescope_call_seconds",
            "From the first line of a call to the last byte of its answer.",
            ["route"],
            buckets=CALL_BUCKETS,
            registry=self.registry,
        )
        self._tiles = Counter(
            "flakescope_tiles_total",
            "Images that this process was asked to screen at once, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self._stage_s = Histogram(
            "flakescope_stage_seconds",
            "One step of one tile in this process.",
            ["stage"],
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        for outcome in OUTCOMES:
            self._tiles.labels(outcome)

    def called(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count a call."""
        method = method if method in _METHODS else "other"
        self._calls.labels(method, route, str(status)).inc()
        self._call_s.labels(route).observe(duration_s)

    @contextmanager
    def screening(self) -> Iterator[None]:
        """Count what becomes of an image."""
        outcome = "failed"
        try:
            yield
            outcome = "screened"
        except Busy:
            outcome = "turned_away"
            raise
        except FlakescopeError:
            outcome = "refused"
            raise
        finally:
            self._tiles.labels(outcome).inc()

    @contextmanager
    def saving(self, screen: Callable[[Job], Done]) -> Iterator[Callable[[Job], Done]]:
        """Wrap what screens a job; from its end to the end of the block the tile is being saved."""
        ended_s: float | None = None

        def screen_and_note(job: Job) -> Done:
            nonlocal ended_s
            result = screen(job)
            ended_s = self._clock()
            return result

        yield screen_and_note
        if ended_s is not None:
            self._stage_s.labels("save").observe(self._clock() - ended_s)

    def stages(self) -> Callable[[str], None]:
        """Told the name of each step that ended, it notes how long that took."""
        last_s = self._clock()

        def done(stage: str) -> None:
            nonlocal last_s
            now_s = self._clock()
            self._stage_s.labels(stage).observe(now_s - last_s)
            last_s = now_s

        return done
