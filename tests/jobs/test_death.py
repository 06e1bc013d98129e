"""Workers die, by a tile or by a kill; a dead one's work goes on. Nothing is lost or doubled."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from bench.kill.rows import differences, rows_of_scan
from service.db.tables import Tile
from service.scans.runs import bring_in
from service.scans.scans import get_scan
from service.scans.schemas import NewScan
from service.scans.tile_list import list_tiles
from tests.conftest import ROOT
from tests.jobs.conftest import Bench
from tests.jobs.deadly_worker import CHIP
from tests.jobs.waiting import PATIENCE_S, wait_for_end, wait_until
from tests.scans.overlapping import CORNERS, put, seen

NEW = NewScan(name="chip")
NO_TILE = "none"


@contextmanager
def worker(
    bench: Bench, deadly: str, name: str = "local", *options: str
) -> Iterator[subprocess.Popen]:
    module, folder = "tests.jobs.deadly_worker", str(bench.folder.parent)
    command = [sys.executable, "-m", module, bench.url, folder, name, deadly, *options]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def restart_until_done(bench: Bench, deadly: str, scan_id: int) -> int:
    deaths = 0
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with worker(bench, deadly) as process:
            while process.poll() is None:
                assert time.monotonic() < deadline
                if get_scan(bench.stores.sessions, scan_id).state in ("done", "failed"):
                    return deaths
                time.sleep(0.05)
            deaths += 1


def test_a_tile_that_kills_its_worker_fails_alone_with_its_reason(bench: Bench):
    x, y = CORNERS[4]
    others = [corner for corner in CORNERS if corner != (x, y)]
    expected = seen(bench.stores, put(bench.stores, CHIP, others))
    scan_id = bring_in(bench.stores.sessions, bench.queue, NEW, "chip").id

    deaths = restart_until_done(bench, f"{x} {y} ", scan_id)

    scan = get_scan(bench.stores.sessions, scan_id)
    assert deaths == 2  # once by surprise, once to be sure; then it is screened by itself
    assert (scan.state, scan.tiles.screened, scan.tiles.failed) == ("done", len(others), 1)
    errors = [t.error for t in list_tiles(bench.stores.sessions, scan_id).items if t.error]
    assert errors == ["Screening it ended its process (signal 9)."]
    assert seen(bench.stores, scan_id) == expected


def test_a_scan_ends_the_same_however_often_its_worker_is_killed(bench: Bench):
    expected = seen(bench.stores, put(bench.stores, CHIP, CORNERS))
    scan_id = bring_in(bench.stores.sessions, bench.queue, NEW, "chip").id

    for kills in range(3):
        # Each time a little later in the scan.
        with worker(bench, NO_TILE):
            wait_until(lambda least=2 * kills: _screened(bench, scan_id) > least)
    with worker(bench, NO_TILE):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.tiles.screened, scan.tiles.failed) == ("done", len(CORNERS), 0)
    assert seen(bench.stores, scan_id) == expected


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_another_worker_takes_over_what_a_dead_machine_left(bench: Bench):
    expected = seen(bench.stores, put(bench.stores, CHIP, CORNERS))
    scan_id = bring_in(bench.stores.sessions, bench.queue, NEW, "chip").id
    with worker(bench, NO_TILE, name="machine-1"):
        wait_until(lambda: _screened(bench, scan_id) > 1)

    # The heartbeat of the other finds it dead after some seconds.
    with worker(bench, NO_TILE, name="machine-2"):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.tiles.screened) == ("done", len(CORNERS))
    assert seen(bench.stores, scan_id) == expected


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_two_workers_at_one_scan_give_the_rows_of_one_although_one_is_killed(bench: Bench):
    sessions = bench.stores.sessions
    ids = []
    for killed in (False, True):
        scan_id = bring_in(sessions, bench.queue, NEW, "chip").id
        ids.append(scan_id)
        with (
            worker(bench, NO_TILE, name="machine-1") as first,
            worker(bench, NO_TILE, name="machine-2"),
        ):
            if killed:
                wait_until(lambda scan_id=scan_id: _screened(bench, scan_id) > 1)
                first.kill()
            scan = wait_for_end(sessions, scan_id)
        assert (scan.state, scan.tiles.screened) == ("done", len(CORNERS))

    quiet, disturbed = (rows_of_scan(sessions, scan_id) for scan_id in ids)
    assert list(differences(quiet, disturbed)) == []


def _screened(bench: Bench, scan_id: int) -> int:
    with bench.stores.sessions() as session:
        query = select(func.count()).where(Tile.scan_id == scan_id, Tile.state == "screened")
        return session.scalar(query) or 0
