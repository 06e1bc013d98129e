"""One scan through the service, undisturbed or killed again and again."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.kill.service import Service

_ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scan that ended, and what it took."""

    scan: dict[str, Any]
    duration_s: float
    kills: list[tuple[float, str]]


def bring_in(service: Service, archive: Path) -> int:
    """Upload an archive as a new scan; gives its id."""
    with service.client() as http, archive.open("rb") as file:
        answer = http.post(
            "/v1/scans/upload", files={"archive": (archive.name, file)}, data={"again": "true"}
        )
        return int(answer.raise_for_status().json()["id"])


def run_quietly(service: Service, archive: Path, limit_s: float) -> Outcome:
    """Bring a scan in and wait for its end."""
    service.start()
    started = time.monotonic()
    scan_id = bring_in(service, archive)
    scan = wait_for_end(service, scan_id, started + limit_s)
    return Outcome(scan, time.monotonic() - started, [])


@dataclass(frozen=True, slots=True)
class Killer:
    """So many kills, each a random time of up to twice `mean_s` after the one before."""

    kills: int
    mean_s: float
    seed: int

    def run(self, service: Service, archive: Path, limit_s: float) -> Outcome:
        """Bring a scan in, kill the worker or the service, and wait for the scan's end."""
        rng = random.Random(self.seed)
        service.start()
        started = time.monotonic()
        scan_id = bring_in(service, archive)
        done: list[tuple[float, str]] = []
        while len(done) < self.kills and time.monotonic() < started + limit_s:
            time.sleep(rng.uniform(0, 2 * self.mean_s))
            if look_at(service, scan_id)["state"] in _ENDED:
                break
            victim = rng.choice(("worker", "service"))
            if victim == "service":
                service.kill()
                service.start()
            elif not service.kill_worker():
                continue
            done.append((round(time.monotonic() - started, 1), victim))
        scan = wait_for_end(service, scan_id, started + limit_s)
        return Outcome(scan, time.monotonic() - started, done)


def wait_for_end(service: Service, scan_id: int, deadline: float) -> dict[str, Any]:
    """The scan once it has ended; `deadline` is of the monotonic clock."""
    while True:
        scan = look_at(service, scan_id)
        if scan["state"] in _ENDED:
            return scan
        if time.monotonic() > deadline:
            raise TimeoutError(f"the scan did not end: {scan['state']}, {scan['tiles']}")
        time.sleep(0.2)


def look_at(service: Service, scan_id: int) -> dict[str, Any]:
    """The scan now."""
    with service.client() as http:
        try:
            answer = http.get(f"/v1/scans/{scan_id}").raise_for_status()
        except httpx.TransportError as error:
            raise RuntimeError("the service does not answer") from error
        scan: dict[str, Any] = answer.json()
        return scan
