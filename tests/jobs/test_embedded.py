"""`flakescope serve` with its worker, as processes that are killed in the middle of a scan."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.kill.chip import DrawnScan
from bench.kill.rows import differences, rows_of_scan
from bench.kill.run import bring_in, look_at, wait_for_end
from bench.kill.service import Service
from service.db.engine import build_engine, build_sessions
from tests.inference.tiny_model import write_tiny_model
from tests.jobs.waiting import PATIENCE_S, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc"),
]

TILES = 40


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.zip"
    DrawnScan(TILES).write(path)
    return path


@pytest.fixture
def service(empty_database_url: str, tmp_path: Path) -> Iterator[Service]:
    model = write_tiny_model(tmp_path / "tiny.onnx", weight=0, bias=4)
    options = {"FLAKESCOPE_MODEL": str(model), "FLAKESCOPE_WORKERS": "2"}
    service = Service(tmp_path / "data", empty_database_url, options)
    service.start()
    yield service
    service.stop()


def screened(service: Service, scan_id: int) -> int:
    return int(look_at(service, scan_id)["tiles"]["screened"])


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_scan_ends_the_same_although_worker_and_service_are_killed(
    service: Service, archive: Path, empty_database_url: str
):
    ids = [bring_in(service, archive)]
    wait_for_end(service, ids[0], time.monotonic() + PATIENCE_S)

    ids.append(bring_in(service, archive))
    service.kill_worker()
    wait_until(lambda: screened(service, ids[1]) > 3)
    service.kill_worker()
    wait_until(lambda: screened(service, ids[1]) > 12)
    service.kill()
    service.start()
    scan = wait_for_end(service, ids[1], time.monotonic() + PATIENCE_S)

    assert (scan["state"], scan["tiles"]["screened"]) == ("done", TILES)
    assert scan["flakes"]["graphene"] > TILES
    assert not list((service.data_dir / "uploads").iterdir())
    engine = build_engine(empty_database_url)
    quiet, killed = (rows_of_scan(build_sessions(engine), scan_id) for scan_id in ids)
    engine.dispose()
    assert list(differences(quiet, killed)) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_there_is_one_worker_that_comes_again_and_ends_with_its_parent(service: Service):
    wait_until(lambda: len(service.worker_pids()) == 1)
    (first,) = service.worker_pids()
    service.kill_worker()
    wait_until(lambda: service.worker_pids() not in ([], [first]))
    (second,) = service.worker_pids()

    service.kill()

    wait_until(lambda: not is_alive(second))
