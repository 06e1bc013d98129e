"""`flakescope serve` and `migrate`: what they start, and what they refuse."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from service.processes.server import listen
from tests.cli.conftest import Run


def test_the_version_is_shown(run: Run):
    assert re.fullmatch(r"flakescope \d+\.\d+\.\d+\n", run("--version").stdout)


def test_a_start_loads_nothing_that_only_other_work_needs():
    # Together these take as long to load as the service needs to be ready.
    late = ("alembic", "dbos", "reportlab")
    script = f"import service.processes.server, sys; print([n for n in {late} if n in sys.modules])"

    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "[]\n"


def test_migrating_makes_the_database_and_may_be_repeated(tmp_path: Path, run: Run):
    for _ in range(2):
        done = run("migrate", "--data-dir", tmp_path / "new")
        assert (done.exit_code, done.stdout) == (0, "The database is up to date.\n")

    assert (tmp_path / "new" / "flakescope.db").is_file()


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path, run: Run):
    url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"

    done = run("migrate", "--data-dir", tmp_path, "--database-url", url)

    assert done.exit_code == 1
    assert done.stderr.startswith("flakescope: The database does not answer: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_serving_beyond_this_machine_needs_a_token(tmp_path: Path, run: Run, host: str):
    done = run("serve", "--host", host, "--data-dir", tmp_path / "none")

    assert done.exit_code == 1
    assert f"Refuses to serve on {host}: there is no access token that is valid" in done.stderr


def test_a_port_in_use_is_named(tmp_path: Path, run: Run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", port, "--data-dir", tmp_path)

    assert done.exit_code == 1
    assert f"Port {port} of 127.0.0.1 is in use" in done.stderr


def test_a_wrong_setting_names_its_variable(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FLAKESCOPE_WORKERS", "many")

    done = run("migrate", "--data-dir", tmp_path)

    assert done.exit_code == 1
    assert "FLAKESCOPE_WORKERS is 'many'" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_serve_migrates_prints_its_address_and_stops_on_ctrl_c(tmp_path: Path, tiny_model: Path):
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    options = ["--data-dir", str(tmp_path), "--model", str(tiny_model)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line).group()
        try:
            ready = httpx.get(f"{address}/readyz", timeout=60)
        finally:
            process.send_signal(signal.SIGINT)

    assert ready.json()["model_version"] == "tiny-1"
    assert process.returncode == 0


def test_answers_are_not_held_back_until_their_header_is_acknowledged():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
