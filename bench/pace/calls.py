"""Calls to the service whose own cost is small beside what is measured."""

import http.client
import os
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.kill.service import Service


@dataclass(frozen=True, slots=True)
class Body:
    """A multipart body, made before the clock runs."""

    content: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long after the first byte was sent."""

    status: int
    content: bytes
    took_ms: float


def body_of(image: bytes, name: str = "tile.jpg", **form: str) -> Body:
    """An image and what stands beside it."""
    request = httpx.Request("POST", "http://x", files={"image": (name, image)}, data=form)
    return Body(request.read(), request.headers["content-type"])


# The service hangs up after 5 s without a call.
_IDLE_S = 3.0


class Caller:
    """One client with one connection that stays open while it calls."""

    def __init__(self, service: Service) -> None:
        port = int(service.environment()["FLAKESCOPE_PORT"])
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._called = 0.0

    def post(self, path: str, body: Body) -> Answer:
        """Send a body and read the whole answer."""
        if time.monotonic() - self._called > _IDLE_S:
            self._connection.close()  # the next request opens it again
        began = time.perf_counter()
        self._connection.request("POST", path, body.content, {"Content-Type": body.kind})
        response = self._connection.getresponse()
        content = response.read()
        self._called = time.monotonic()
        return Answer(response.status, content, 1000 * (time.perf_counter() - began))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def open_scan(service: Service) -> str:
    """The path of a new scan's tiles."""
    with service.client() as client:
        answer = client.post("/v1/scans", json={"name": "pace"}).raise_for_status()
        return f"/v1/scans/{answer.json()['id']}/tiles"


def cpu_s(pid: int) -> float:
    """Processor time of a process, all its living threads, to the nanosecond (Linux)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def first_cores(count: int) -> set[int]:
    """So many of the cores that this process may use."""
    return set(sorted(os.sched_getaffinity(0))[:count])
