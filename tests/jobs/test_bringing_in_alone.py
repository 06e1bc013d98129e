"""A folder that would end its worker fails alone, in a process of its own, with its reason."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from service.confined import Limits
from service.db.engine import Sessions
from service.errors import Unavailable
from service.jobs.alone import bring_in_alone
from service.processes.embedded import BRING_IN, worker_command
from service.scans.queue import Run
from service.scans.runs import bring_in
from service.scans.scans import NewScan, get_scan
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.jobs.conftest import Bench

MIB = 2**20
LIMITS = Limits(memory_bytes=300 * MIB, time_s=120)


@pytest.fixture
def environment(bench: Bench, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "FLAKESCOPE_DATABASE_URL": bench.url,
        "FLAKESCOPE_DATA_DIR": str(tmp_path),
        "FLAKESCOPE_CHILD_BYTES": str(LIMITS.memory_bytes),
    }


def pack(bench: Bench, name: str = "notes.txt", content: bytes = b"") -> Path:
    path = bench.intake.new_archive()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a_r0_c0.png", png_of(draw_tile(FLAKE_PX)))
        archive.writestr(name, content)
    return path


def run_of(bench: Bench, path: Path) -> Run:
    scan = bring_in(bench.stores.sessions, bench.queue, NewScan(name="chip"), str(path))
    return Run(scan.id, 1, str(path))


def test_an_archive_is_brought_in_by_a_process_of_its_own(
    bench: Bench, sessions: Sessions, environment: dict[str, str]
):
    run = run_of(bench, pack(bench))

    command = worker_command(BRING_IN)
    assert bring_in_alone(command, environment, LIMITS, sessions, run) == 1
    scan = get_scan(sessions, run.scan_id)
    assert (scan.state, scan.tiles.expected) == ("screening", 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlif", b"<a>" * (13 * MIB // 3)),
        ("a.xlif", b"<r>" + b"<a/>" * (13 * MIB // 4) + b"</r>"),
        ("a.csv", b"file,x,y\n" + b"a,1,2\n" * (13 * MIB // 6)),
        ("metadata.txt", b'{"a":[' + b"[]," * (13 * MIB // 3) + b"[]]}"),
    ],
    ids=["nested", "many", "rows", "lists"],
)
def test_a_side_file_that_would_take_gigabytes_fails_its_scan_or_is_left_out(
    bench: Bench, sessions: Sessions, environment: dict[str, str], name: str, content: bytes
):
    path = pack(bench, name, content)
    assert path.stat().st_size < 2 * MIB
    run = run_of(bench, path)

    chunks = bring_in_alone(worker_command(BRING_IN), environment, LIMITS, sessions, run)

    scan = get_scan(sessions, run.scan_id)
    if chunks is None:
        assert scan.state == "failed"
        assert scan.error
        assert "limit" in scan.error
    else:
        assert any("limit" in note for note in scan.notes)


def test_a_process_that_dies_twice_fails_its_scan_with_the_reason(bench: Bench, sessions: Sessions):
    run = run_of(bench, pack(bench))
    command = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]

    assert bring_in_alone(command, os.environ, LIMITS, sessions, run) is None

    scan = get_scan(sessions, run.scan_id)
    assert scan.state == "failed"
    assert scan.error == "It could not be brought in. It ended its process (signal 9)."


def test_an_outage_in_the_process_is_told_as_one(bench: Bench, sessions: Sessions):
    run = run_of(bench, pack(bench))
    answer = json.dumps({"chunks": None, "outage": "The store of images does not answer."})
    command = [sys.executable, "-c", f"print({answer!r})"]

    with pytest.raises(Unavailable, match="The store of images"):
        bring_in_alone(command, os.environ, LIMITS, sessions, run)
    assert get_scan(sessions, run.scan_id).state == "queued"
