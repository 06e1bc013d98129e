"""Names, locks, the end of a worker, and the records that it cleans."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from flakescope.client.lock import FileLock
from service.errors import Busy, Conflict, Unavailable
from service.jobs.alone import run_alone
from service.jobs.cleaning import clean, waiting_paths
from service.jobs.codec import JobError, JsonCodec
from service.jobs.database import KNOWN_ENGINE, KNOWN_TABLES, migrate_jobs, tables_of
from service.jobs.engine import Drain
from service.jobs.workers import take_identity
from service.scans.queue import Chunk
from service.scans.runs import bring_in
from service.scans.schemas import NewScan
from tests.conftest import ROOT
from tests.jobs.conftest import Bench
from tests.jobs.folder import ChipFolder
from tests.jobs.waiting import wait_for_end, wait_until
from tests.scans.chip import draw
from tests.scans.overlapping import CORNERS, OBJECTS

HOLD = """
import sys, time
from importlib.metadata import version
from pathlib import Path
from flakescope.client.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(600)
"""


def test_a_lock_is_free_again_when_its_process_is_killed(tmp_path: Path):
    path, lock = tmp_path / "locks" / "a.lock", FileLock(tmp_path / "locks" / "a.lock")
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "True\n"
        assert not lock.take()
        process.kill()

    assert lock.take(patience_s=30)
    lock.release()


def test_workers_of_one_host_have_names_of_their_own_that_stay(tmp_path: Path):
    first, second = (take_identity(tmp_path, alone=False) for _ in range(2))
    assert first.name != second.name

    first.lock.release()
    again = take_identity(tmp_path, alone=False)

    assert again.name == first.name
    again.lock.release()
    second.lock.release()


def test_a_second_worker_on_one_sqlite_file_is_refused(tmp_path: Path):
    first = take_identity(tmp_path, alone=True)

    with pytest.raises(Conflict, match="use PostgreSQL for more"):
        take_identity(tmp_path, alone=True, patience_s=0.2)

    first.lock.release()


def test_a_worker_that_ends_lets_its_tile_finish_and_begins_no_other():
    drain, inside, finish = Drain(), threading.Event(), threading.Event()
    done = []

    def work():
        for number in range(2):
            with drain.tile():
                inside.set()
                finish.wait()
                done.append(number)

    threading.Thread(target=work, daemon=True).start()
    inside.wait()
    threading.Timer(0.05, finish.set).start()
    drain.end(patience_s=30)

    assert done == [0]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", None),
        ("import os; os.abort()", "Screening it ended its process (signal 6)."),
        ("raise SystemExit(3)", "Screening it ended its process (status 3)."),
    ],
)
def test_the_end_of_a_tile_that_is_alone_is_told(script: str, expected: str | None):
    assert run_alone([sys.executable, "-c", script], {}, Chunk(1, 1, (1,))) == expected


@pytest.mark.parametrize(("status", "error"), [(75, Unavailable), (78, Busy)])
def test_a_passing_fault_of_a_tile_that_is_alone_passes(status: int, error: type[Exception]):
    with pytest.raises(error):
        run_alone([sys.executable, "-c", f"raise SystemExit({status})"], {}, Chunk(1, 1, (1,)))


def test_a_clock_that_jumps_forgets_no_archive_that_waits(bench: Bench):
    waits, forgotten = bench.intake.new_archive(), bench.intake.new_archive()
    for path in (waits, forgotten):
        path.write_bytes(b"zip")
        os.utime(path, (0, 0))
    bring_in(bench.stores.sessions, bench.queue, NewScan(name="chip"), str(waits))

    bench.intake.discard_forgotten(waiting_paths(bench.queue.client))

    assert waits.exists()
    assert not forgotten.exists()


def test_what_a_job_is_told_and_tells_is_plain_text():
    codec = JsonCodec()

    assert codec.deserialize(codec.serialize({"args": (1, None, [2]), "kwargs": {}})) == {
        "args": [1, None, [2]],
        "kwargs": {},
    }
    error = codec.deserialize(codec.serialize(ValueError("too far")))
    assert isinstance(error, JobError)
    assert str(error) == "ValueError: too far"


def test_records_of_ended_scans_are_deleted_with_their_chunks_and_others_stay(bench: Bench):
    chip = draw(*OBJECTS)
    new = NewScan(name="chip")
    jobs = bench.queue.client.list_workflows
    ended = bring_in(bench.stores.sessions, bench.queue, new, "chip").id
    with bench.working(ChipFolder(chip, CORNERS), chip.screen):
        wait_for_end(bench.stores.sessions, ended)
        wait_until(lambda: all(job.status == "SUCCESS" for job in jobs()))
    waiting = bring_in(bench.stores.sessions, bench.queue, new, "chip").id

    clean(bench.queue.client, datetime.now(UTC) - timedelta(hours=1))
    # One of each scan, and nine tiles make two chunks.
    assert len(jobs()) == 4
    clean(bench.queue.client, datetime.now(UTC) + timedelta(seconds=1))

    assert [job.workflow_id for job in jobs()] == [f"scan-{waiting}-run-1"]


def test_a_start_knows_the_tables_of_the_installed_engine(empty_database_url):
    before = tables_of(empty_database_url)
    migrate_jobs(empty_database_url)

    assert before == 0
    assert (version("dbos"), tables_of(empty_database_url)) == (KNOWN_ENGINE, KNOWN_TABLES)
