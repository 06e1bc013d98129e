"""The database is away for half a minute under load: no tile may be lost that was accepted.

    python -m bench.outage postgresql://... --stop 'pg_ctlcluster 15 lab stop -m immediate' \
        --start 'pg_ctlcluster 15 lab start'

Two microscopes post live tiles as docs/send-tiles.md tells them to (503: wait as long as
Retry-After says, send again) while a worker screens a scan; the database is stopped in the middle
of it. Then the rows are counted: every tile that was answered with 2xx, once, and the whole scan.
"""

import json
import shlex
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import cv2
import httpx
import typer

from bench.kill.chip import DrawnScan
from bench.kill.run import bring_in, look_at, wait_for_end
from bench.kill.service import Service
from bench.workers import working

MICROSCOPES = 2
# A tile each half second: a stage that moves, focuses and takes a picture.
EVERY_S = 0.5
# The load is on before the database goes, and goes on after it is back.
BEFORE_S, AFTER_S = 5.0, 20.0


@dataclass(slots=True)
class Microscope:
    """Posts drawn tiles until it is told to stop.

    Attributes
    ----------
    accepted : dict
        Number of the tile in the database by row, of those that were answered with 2xx.
    statuses : Counter
        What came back; "none" = the connection broke.
    longest_s : float
        For an answer, of any kind.
    accepted_at_s : list of float
        When, by the monotonic clock.
    """

    service: Service
    scan_id: int
    stop: threading.Event
    accepted: dict[int, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    accepted_at_s: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Post row by row."""
        chip = DrawnScan(1, seed=self.scan_id)
        row = 0
        with self.service.client() as http:
            while not self.stop.is_set():
                picture = chip.draw(0, 260 * row)[..., ::-1]
                image = cv2.imencode(".png", picture)[1].tobytes()
                self.accepted[row] = self._deliver(http, row, image)
                self.accepted_at_s.append(time.monotonic())
                row += 1
                self.stop.wait(EVERY_S)

    def _deliver(self, http: httpx.Client, row: int, image: bytes) -> int:
        """Send a tile until it is accepted; its number."""
        while True:
            started = time.monotonic()
            wait_s = 1.0
            try:
                answer = http.post(
                    f"/v1/scans/{self.scan_id}/tiles",
                    files={"image": image},
                    data={"row": row, "col": 0},
                )
            except httpx.TransportError:
                self.statuses["none"] += 1
            else:
                self.statuses[str(answer.status_code)] += 1
                if answer.is_success:
                    return int(answer.json()["tile"]["id"])
                wait_s = float(answer.headers.get("Retry-After", wait_s))
            finally:
                self.longest_s = max(self.longest_s, time.monotonic() - started)
            time.sleep(wait_s)


def main(
    url: Annotated[str, typer.Argument(help="An empty PostgreSQL database.")],
    *,
    stop: Annotated[str, typer.Option(help="Command that stops it.")],
    start: Annotated[str, typer.Option(help="Command that starts it again.")],
    away_s: Annotated[float, typer.Option(help="How long it is away.")] = 30.0,
    tiles: Annotated[int, typer.Option(help="Of the scan that the worker screens.")] = 600,
    out: Annotated[Path | None, typer.Option(help="Folder for outage.json.")] = None,
) -> None:
    """Stop the database under load, and count what is there afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        archive = Path(name) / "scan.zip"
        DrawnScan(tiles).write(archive)
        service = Service(Path(name) / "data", url, {"FLAKESCOPE_EMBEDDED_WORKER": "false"})
        try:
            service.start()
            with working(service, 1) as workers:
                report = measure(service, archive, (stop, start), away_s)
                report["worker_goes_on"] = all(Path(f"/proc/{pid}").exists() for pid in workers)
        finally:
            service.stop()
    report["passed"] = report["worker_goes_on"] and not (
        report["lost"] or report["doubled"] or report["screened"] != tiles
    )
    print(json.dumps(report, indent=1))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "outage.json").write_text(json.dumps(report, indent=1))
    raise typer.Exit(0 if report["passed"] else 1)


def measure(
    service: Service, archive: Path, commands: tuple[str, str], away_s: float
) -> dict[str, Any]:
    """Load, outage, load; what came of it."""
    batch = bring_in(service, archive)
    while look_at(service, batch)["tiles"]["screened"] == 0:
        time.sleep(0.2)
    ending = threading.Event()
    scopes = [Microscope(service, open_scan(service, n), ending) for n in range(MICROSCOPES)]
    threads = [threading.Thread(target=one.run) for one in scopes]
    for thread in threads:
        thread.start()
    time.sleep(BEFORE_S)
    before = look_at(service, batch)["tiles"]["screened"]
    subprocess.run(shlex.split(commands[0]), check=True)
    ready = _watch(service, away_s)
    subprocess.run(shlex.split(commands[1]), check=True)
    back = time.monotonic()
    time.sleep(AFTER_S)
    ending.set()
    for thread in threads:
        thread.join()
    scan = wait_for_end(service, batch, time.monotonic() + 600)
    found = [_rows_of(service, one.scan_id) for one in scopes]
    return {
        "screened_before": before,
        "screened": scan["tiles"]["screened"],
        "scan_state": scan["state"],
        "scan_error": scan["error"],
        "readyz_while_away": dict(ready),
        "accepted": sum(len(one.accepted) for one in scopes),
        "lost": sum(
            len(set(one.accepted) - set(rows)) for one, rows in zip(scopes, found, strict=True)
        ),
        "doubled": sum(count - 1 for rows in found for count in rows.values()),
        "statuses": dict(sum((one.statuses for one in scopes), Counter())),
        "longest_answer_s": round(max(one.longest_s for one in scopes), 1),
        "accepted_again_after_s": [
            round(min(at for at in one.accepted_at_s if at > back) - back, 1) for one in scopes
        ],
    }


def open_scan(service: Service, number: int) -> int:
    """A new scan of a microscope; its id."""
    with service.client() as http:
        body = {"name": f"microscope {number}", "um_per_px": 0.5}
        return int(http.post("/v1/scans", json=body).raise_for_status().json()["id"])


def _watch(service: Service, away_s: float) -> Counter[int]:
    """What `/readyz` says meanwhile, once a second."""
    until, said = time.monotonic() + away_s, Counter[int]()
    with service.client() as http:
        while time.monotonic() < until:
            said[http.get("/readyz").status_code] += 1
            time.sleep(1)
    return said


def tiles_of(http: httpx.Client, scan_id: int) -> Iterator[dict[str, Any]]:
    """Every tile of a scan, as the service shows it."""
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = http.get(f"/v1/scans/{scan_id}/tiles", params=query).raise_for_status().json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def _rows_of(service: Service, scan_id: int) -> Counter[int]:
    """How often each row of a scan is there."""
    with service.client() as http:
        return Counter(tile["row"] for tile in tiles_of(http, scan_id))


if __name__ == "__main__":
    typer.run(main)
