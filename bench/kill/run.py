"""One scan through the service, undisturbed or killed again and again."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.kill.service import Service

_ENDED = ("done", "failed", "cancelled")

# When after the scan came, which process, and how many tiles were screened then.
Kill = tuple[float, str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scan that ended, and what it took."""

    scan: dict[str, Any]
    duration_s: float
    kills: list[Kill]


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
    """So many kills, each up to twice `mean_tiles` tiles after the one before.

    Every fourth comes at once instead, while what was killed is still on its way back. All of
    them fall into a scan: where one ends before they are used up, the same archive is brought in
    once more, and the kills go on in that.
    """

    kills: int
    mean_tiles: float
    seed: int

    def run(self, service: Service, archive: Path, limit_s: float) -> list[Outcome]:
        """Bring scans in, kill the worker or the service, and wait for each scan's end."""
        rng = random.Random(self.seed)
        service.start()
        deadline = time.monotonic() + limit_s
        outcomes: list[Outcome] = []
        while (left := self.kills - sum(len(one.kills) for one in outcomes)) > 0:
            started = time.monotonic()
            scan_id = bring_in(service, archive)
            done = self._kill(service, scan_id, rng, (left, deadline))
            scan = wait_for_end(service, scan_id, deadline)
            outcomes.append(Outcome(scan, time.monotonic() - started, done))
        return outcomes

    def _kill(
        self, service: Service, scan_id: int, rng: random.Random, until: tuple[int, float]
    ) -> list[Kill]:
        """Kill until the scan has ended, so many times, or the time is up."""
        started, done = time.monotonic(), list[Kill]()
        while len(done) < until[0] and time.monotonic() < until[1]:
            more = 0.0 if len(done) % 4 == 3 else rng.uniform(0, 2 * self.mean_tiles)
            target = (done[-1][2] if done else 0) + more
            while (scan := look_at(service, scan_id))["state"] not in _ENDED:
                if scan["tiles"]["screened"] >= target or time.monotonic() > until[1]:
                    break
                time.sleep(0.05)
            # Anywhere between two tiles.
            time.sleep(rng.uniform(0, 0.3))
            if scan["state"] in _ENDED:
                break
            victim = rng.choice(("worker", "service"))
            if victim == "service":
                service.kill()
                service.start()
            elif not service.kill_worker():
                continue
            at_s = round(time.monotonic() - started, 1)
            done.append((at_s, victim, scan["tiles"]["screened"]))
        return done


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
