"""A service that is away, busy or refuses; a program that ends before its tiles are sent."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from flakescope.client import Client, Unreachable, Unsent
from flakescope.client.patience import seconds_of
from tests.client.stub import TILE, Stub, stubbing

FRAME = np.zeros((16, 16), np.uint8)
ROOT = Path(__file__).parents[2]


def test_a_busy_service_is_asked_again_when_it_says(stub: Stub, tmp_path: Path):
    stub.answer = lambda n: (503, {}, {"Retry-After": "1"}) if n == 1 else (201, TILE, {})
    with Client(stub.url, spool=tmp_path) as client, client.scan("chip") as scan:
        started = time.monotonic()
        scan.send(FRAME, row=0, col=0)
        (result,) = scan.results(timeout_s=20)
        waited_s = time.monotonic() - started

    assert result.ok
    assert len(stub.tiles) == 2
    assert waited_s >= 1


@pytest.mark.parametrize("status", [502, 504, 429, 500, 507])
def test_a_passing_fault_is_tried_again_with_the_same_tile(stub: Stub, tmp_path: Path, status: int):
    stub.answer = lambda n: (status, {}, {}) if n == 1 else (200, TILE, {})
    with Client(stub.url, spool=tmp_path) as client, client.scan("chip") as scan:
        scan.send(FRAME, row=0, col=0)
        (result,) = scan.results(timeout_s=20)

    assert (result.status, len(stub.tiles)) == (200, 2)


def test_a_fault_that_does_not_pass_is_the_tiles_own_and_the_others_go_on(
    stub: Stub, tmp_path: Path
):
    stub.answer = lambda n: (500, {"detail": "It failed."}, {}) if n <= 5 else (201, TILE, {})
    with Client(stub.url, spool=tmp_path, connections=1) as client, client.scan("chip") as scan:
        for col in range(2):
            scan.send(FRAME, row=0, col=col)
        results = list(scan.results(timeout_s=60))

    assert [(result.status, result.error) for result in results] == [
        (500, "It failed."),
        (201, None),
    ]


def test_a_refusal_is_told_with_its_detail_and_not_tried_again(stub: Stub, tmp_path: Path):
    stub.answer = lambda _: (422, {"detail": "It is a PDF."}, {})
    with Client(stub.url, spool=tmp_path) as client, client.scan("chip") as scan:
        scan.send(FRAME, row=0, col=0)
        (result,) = scan.results(timeout_s=20)

    assert (result.status, result.error, len(stub.tiles)) == (422, "It is a PDF.", 1)


def test_every_call_carries_the_token(stub: Stub, tmp_path: Path):
    with Client(stub.url, "secret", spool=tmp_path) as client, client.scan("chip") as scan:
        scan.send(FRAME, row=0, col=0)
        assert scan.flush(20)

    assert set(stub.tokens) == {"Bearer secret"}


def test_tiles_of_a_wrong_token_wait_for_a_start_with_the_right_one(stub: Stub, tmp_path: Path):
    stub.answer = lambda _: (401, {"detail": "No such token."}, {})
    with Client(stub.url, spool=tmp_path) as client, client.scan("chip") as scan:
        scan.send(FRAME, row=0, col=0)
        (result,) = scan.results(timeout_s=20)
    stub.answer = lambda _: (201, TILE, {})
    with Client(stub.url, "right", spool=tmp_path) as client:
        assert client.flush(20)

    assert result.error == "No such token."
    assert len(stub.tiles) == 2
    assert not list(tmp_path.rglob("*.tile"))


def test_a_call_back_that_fails_does_not_stop_the_tiles(stub: Stub, tmp_path: Path):
    heard = []

    def fail(result: object) -> None:
        heard.append(result)
        raise RuntimeError("the display is gone")

    with Client(stub.url, spool=tmp_path) as client, client.scan("chip", on_result=fail) as scan:
        for col in range(3):
            scan.send(FRAME, row=0, col=col)

    assert len(heard) == 3


def test_without_a_spool_send_waits_where_memory_is_full(stub: Stub):
    gate = threading.Event()

    def answer(_: int) -> tuple:
        gate.wait(20)
        return 201, TILE, {}

    stub.answer = answer
    bound = 3 * FRAME.nbytes + 800  # three frames, and the headers of three files
    with Client(stub.url, spool=False, max_bytes=bound, connections=1) as client:
        scan = client.scan("chip")
        sent = []
        thread = threading.Thread(
            target=lambda: [sent.append(scan.send(FRAME, row=0, col=col)) for col in range(8)]
        )
        thread.start()
        time.sleep(0.5)
        before = len(sent)
        gate.set()
        thread.join(20)
        assert scan.flush(20)

    assert 1 <= before < 8
    assert len(sent) == len(stub.tiles) == 8


def test_without_a_spool_a_client_says_what_it_loses(stub: Stub):
    stub.answer = lambda _: (503, {}, {"Retry-After": "30"})
    client = Client(stub.url, spool=False)
    client.scan("chip").send(FRAME, row=0, col=0)

    with pytest.raises(Unsent, match="1 tiles were not sent"):
        client.close(timeout_s=0.1)


def test_a_service_that_never_answers_is_a_sentence(tmp_path: Path):
    with Client("http://127.0.0.1:1", spool=tmp_path) as client:
        client.patience_s = 0.5
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 does not answer"):
            client.scan("chip")


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://lab/", "http://"])
def test_an_address_that_is_none_is_an_error_at_once(url: str, tmp_path: Path):
    with pytest.raises(ValueError, match="is no address"):
        Client(url, spool=tmp_path)


# Sends ten tiles to a service that answers none, and dies as by a power switch.
DIES = """
import os, sys
import numpy as np
from flakescope.client import Client
client = Client(sys.argv[1], spool=sys.argv[2])
scan = client.scan("chip")
for col in range(10):
    scan.send(np.full((16, 16), col, np.uint8), row=0, col=col)
if sys.argv[3] == "killed":
    assert client.wait_spooled(20)
    os._exit(9)
"""


@pytest.mark.parametrize("end", ["killed", "returned"])
def test_tiles_of_a_program_that_ended_are_sent_by_the_next(stub: Stub, tmp_path: Path, end: str):
    stub.answer = lambda _: (503, {}, {"Retry-After": "30"})
    command = [sys.executable, "-c", DIES, stub.url, str(tmp_path), end]
    code = subprocess.call(command, cwd=ROOT, timeout=60)
    waiting = len(list(tmp_path.rglob("*.tile")))
    stub.tiles.clear()
    stub.answer = lambda _: (201, TILE, {})
    with Client(stub.url, spool=tmp_path) as client:
        assert client.flush(20)

    assert code == (9 if end == "killed" else 0)
    assert waiting == 10
    columns = sorted(body.split(b'name="col"\r\n\r\n')[1][:1] for body in stub.tiles)
    assert columns == [str(col).encode() for col in range(10)]
    assert list(tmp_path.rglob("*.tile")) == []


def test_tiles_are_not_sent_into_another_scan_with_the_same_id(tmp_path: Path):
    with stubbing(Stub()) as stub:
        stub.answer = lambda _: (503, {}, {"Retry-After": "30"})
        client = Client(stub.url, spool=tmp_path)
        client.scan("chip").send(FRAME, row=0, col=0)
        client.close(timeout_s=0.1)
        stub.tiles.clear()
        stub.scan["created_at"] = "2027-01-01T00:00:00Z"  # the database was made anew
        with Client(stub.url, spool=tmp_path) as later:
            assert later.flush(20)

        assert stub.tiles == []
        assert len(list(tmp_path.rglob("*.refused"))) == 1


def test_two_programs_share_a_spool_without_taking_each_others_tiles(stub: Stub, tmp_path: Path):
    stub.answer = lambda _: (503, {}, {"Retry-After": "1"})
    with Client(stub.url, spool=tmp_path) as first:
        first.scan("chip").send(FRAME, row=0, col=0)
        assert first.wait_spooled(20)
        with Client(stub.url, spool=tmp_path) as second:
            assert second.unanswered == 0
        stub.answer = lambda _: (201, TILE, {})
        assert first.flush(20)


def test_a_spool_that_cannot_be_written_costs_memory_not_tiles(stub: Stub, tmp_path: Path):
    with Client(stub.url, spool=tmp_path) as client:
        scan = client.scan("chip")
        (own,) = next(tmp_path.iterdir()).iterdir()
        for path in own.iterdir():
            path.unlink()
        own.rmdir()
        scan.send(FRAME, row=0, col=0)
        (result,) = scan.results(timeout_s=20)
        own.mkdir()

    assert result.ok


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-1", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None)],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None):
    assert seconds_of(header) == seconds
