"""The bounded pool: how many run, how many wait, and what the next one is told."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import pytest

from service.errors import Busy
from service.screening.pool import ScreeningPool


@contextmanager
def full(pool: ScreeningPool, places: int) -> Iterator[threading.Event]:
    """Every place of the pool is taken until the event is set."""
    go_on = threading.Event()

    def work() -> str:
        go_on.wait()
        return "screened"

    with ThreadPoolExecutor(places) as callers:
        answers = [callers.submit(pool.run, work) for _ in range(places)]
        while pool.taken < places:
            time.sleep(0.001)
        yield go_on
        go_on.set()
        assert [answer.result() for answer in answers] == ["screened"] * places


def test_work_gives_its_result_and_its_error_to_the_caller():
    pool = ScreeningPool(workers=1, waiting=0)

    assert pool.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        pool.run(lambda: 1 // 0)
    assert pool.run(lambda: 8) == 8  # the failed work gave its place back


def test_past_its_places_the_pool_turns_work_away_and_serves_again_after():
    pool = ScreeningPool(workers=1, waiting=2)

    with full(pool, places=3), pytest.raises(Busy, match="All 3 places") as busy:
        pool.run(lambda: pytest.fail("this ran past the bound"))

    assert busy.value.retry_after_s == 1
    assert pool.run(lambda: "again") == "again"


def test_at_most_workers_run_at_once():
    pool = ScreeningPool(workers=2, waiting=30)
    running, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    with ThreadPoolExecutor(16) as callers:
        for answer in [callers.submit(pool.run, work) for _ in range(32)]:
            answer.result()

    assert most == 2


def test_the_time_to_wait_follows_from_recent_durations():
    ticks = count(step=10)  # every work takes 10 s by this clock
    pool = ScreeningPool(workers=1, waiting=3, clock=lambda: next(ticks))
    pool.run(lambda: None)

    with full(pool, places=4), pytest.raises(Busy) as busy:
        pool.run(lambda: None)

    assert busy.value.retry_after_s == 20  # half of 4 places, 10 s each, one at a time


def test_a_closed_pool_finishes_what_runs_and_refuses_what_comes():
    pool = ScreeningPool(workers=1, waiting=0)
    with full(pool, places=1) as go_on, ThreadPoolExecutor(1) as other:
        closed = other.submit(pool.close)
        go_on.set()
        closed.result()

    with pytest.raises(Busy, match="stopping"):
        pool.run(lambda: None)
