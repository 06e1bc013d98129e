"""What ends while a network is trained: its own process, and connections of the database."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from models.trainer.supervise import Supervisor
from service.registry.versions import list_models
from tests.models.trainer.lab import LABELS, Lab, wait_until

linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"


def processes_of(trainer: "subprocess.Popen[bytes]") -> list[int]:
    tasks = Path(f"/proc/{trainer.pid}/task").glob("*/children")
    children = [int(one) for path in tasks for one in path.read_text().split()]
    return [one for one in children if b"models.trainer" in command(one)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions of processes")
def test_a_training_runs_in_a_session_of_its_own_to_step_back_behind_screening(
    lab: Lab, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    tell = f"import os; open({str(said)!r}, 'w').write(str(os.getsid(0) == os.getpid()))"
    supervisor = Supervisor(
        lab.stores.sessions, lambda _: [sys.executable, "-c", tell], tmp_path, os.environ
    )
    supervisor.run(lab.ask(base_model="scratch"))
    assert said.read_text() == "True"


@linux
@pytest.mark.slow
def test_a_training_whose_process_is_killed_goes_on_from_its_last_epoch(any_lab: Lab) -> None:
    any_lab.with_shipped_model()
    any_lab.review_scans(6, LABELS)
    number = any_lab.ask(epochs=4)
    with any_lab.trainer() as trainer:
        wait_until(lambda: len(any_lab.look(number).epochs) >= 1)
        before = any_lab.look(number).epochs
        for pid in processes_of(trainer):
            os.kill(pid, signal.SIGKILL)
        done = any_lab.wait_for_end(number)
    assert_done(any_lab, number, 4)
    assert done.epochs[: len(before)] == before


@linux
@pytest.mark.slow
def test_a_training_outlives_the_connections_of_its_database(any_lab: Lab, tmp_path: Path) -> None:
    url = make_url(any_lab.settings.url)
    if url.get_backend_name() != "postgresql":
        pytest.skip("SQLite has no connections to cut")
    name = f"trainer of {tmp_path.name}"
    named = url.update_query_dict({"application_name": name}).render_as_string(False)
    settings = any_lab.settings.model_copy(update={"database_url": named})
    any_lab.with_shipped_model()
    any_lab.review_scans(6, LABELS)
    number = any_lab.ask(epochs=4)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    cut = 0
    with replace(any_lab, settings=settings).trainer(), engine.connect() as server:
        for epochs in (1, 2, 3):
            wait_until(lambda so_many=epochs: len(any_lab.look(number).epochs) >= so_many)
            cut += len(server.execute(text(CUT), {"name": name}).all())
        any_lab.wait_for_end(number)
    engine.dispose()
    assert cut > 0
    assert_done(any_lab, number, 4)


def assert_done(lab: Lab, number: int, epochs: int) -> None:
    done = lab.look(number)
    assert done.state == "done", done.reason
    assert [one.number for one in done.epochs] == list(range(1, epochs + 1))
    models = list_models(lab.stores.sessions)
    assert [one.version for one in models if one.provenance.get("training_id") == number] == [
        done.model_version
    ]
