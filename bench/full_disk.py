"""The disk is full to the last byte under load: refused with a reason, nothing half-written.

    mount -t tmpfs -o size=200m lab /mnt/lab && python -m bench.full_disk /mnt/lab

The service works in a folder on a small disk of its own, on SQLite there or on a given PostgreSQL
elsewhere. In the middle of a scan the disk is filled and kept full; everything that needs room is
asked for; then the room is given back, and everything is asked for again, of the same process. At
the end the rows are counted, and `flakescope check --deep` has to be clean.
"""

import errno
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import httpx
import typer

from bench.kill.chip import DrawnScan
from bench.kill.run import bring_in, look_at, wait_for_end
from bench.kill.service import Service
from bench.outage import tiles_of

# Kept: there was room. Refused: 507.
_FINE = {"200", "201", "202", "507"}


@dataclass(slots=True)
class Filler:
    """A file that takes what is left of a disk."""

    path: Path

    def fill(self) -> None:
        """Take the last byte, also what others gave back since."""
        with self.path.open("ab", buffering=0) as file:
            for piece_bytes in (2**20, 4096, 1):
                try:
                    while file.write(bytes(piece_bytes)):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def give_back(self) -> None:
        """Free it."""
        self.path.unlink()


@dataclass(slots=True)
class Caller:
    """Asks for everything that needs room.

    Attributes
    ----------
    rows : list of int
        Rows of the tiles that were accepted.
    """

    http: httpx.Client
    scan_id: int
    archive: Path
    rows: list[int]

    def calls(self) -> dict[str, Callable[[int], httpx.Response]]:
        """By name; each gets a number that no call before had."""
        return {
            "tile": lambda n: self._post_tile(n, {}),
            "tile, async": lambda n: self._post_tile(n, {"Prefer": "respond-async"}),
            "archive": lambda _: self._post_archive(),
            "piece": self._post_piece,
            "scan": lambda n: self.http.post("/v1/scans", json={"name": f"n {n}"}),
            "unsaved image": lambda n: self.http.post("/v1/screen", files={"image": _drawn(n)}),
            "list": lambda _: self.http.get("/v1/scans"),
            "readyz": lambda _: self.http.get("/readyz"),
            "metrics": lambda _: self.http.get("/metrics"),
        }

    def ask(self, number: int) -> dict[str, str]:
        """Status of each call."""
        return {name: _status(call, number) for name, call in self.calls().items()}

    def _post_tile(self, number: int, headers: dict[str, str]) -> httpx.Response:
        row = 2 * number + bool(headers)
        answer = self.http.post(
            f"/v1/scans/{self.scan_id}/tiles",
            files={"image": _drawn(row)},
            data={"row": row, "col": 0},
            headers=headers,
        )
        if answer.is_success:
            self.rows.append(row)
        return answer

    def _post_archive(self) -> httpx.Response:
        with self.archive.open("rb") as file:
            files = {"archive": ("more.zip", file)}
            return self.http.post("/v1/scans/upload", files=files, data={"again": "true"})

    def _post_piece(self, number: int) -> httpx.Response:
        piece = self.archive.read_bytes()
        body = {"filename": f"{number}.zip", "size_bytes": 2 * len(piece), "name": "pieces"}
        opened = self.http.post("/v1/scans/uploads", json=body)
        if not opened.is_success:
            return opened
        path = f"/v1/scans/uploads/{opened.json()['id']}"
        answer = self.http.put(path, params={"offset": 0}, content=piece)
        self.http.delete(path)
        return answer


def main(
    folder: Annotated[Path, typer.Argument(help="Empty, on a disk of its own.")],
    *,
    url: Annotated[str | None, typer.Option(help="postgresql://... in place of SQLite.")] = None,
    full_s: Annotated[float, typer.Option(help="How long it stays full.")] = 45.0,
    tiles: Annotated[int, typer.Option(help="Of the scan that is screened meanwhile.")] = 300,
    out: Annotated[Path | None, typer.Option(help="A JSON file of the result.")] = None,
) -> None:
    """Fill the disk, ask, free it, ask again, count."""
    archive = folder.with_name(f"{folder.name}-scan.zip")
    DrawnScan(tiles).write(archive)
    # Its log lies beside the folder: there is room.
    service = Service(folder, url or f"sqlite:///{folder / 'flakescope.db'}")
    try:
        service.start()
        pid = service.pid
        report = measure(service, archive, Filler(folder / "filler"), full_s)
        report["same_process"] = service.pid == pid and Path(f"/proc/{pid}").exists()
    finally:
        service.stop()
        archive.unlink()
    checked = subprocess.run(
        [sys.executable, "-m", "service", "check", "--deep"],
        env=service.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    report["check"] = checked.stdout + checked.stderr
    report["half_written"] = [str(one) for one in folder.rglob("*.tmp")]
    report["passed"] = _passed(report, checked.returncode, tiles)
    print(json.dumps(report, indent=1))
    if out is not None:
        out.write_text(json.dumps(report, indent=1))
    raise typer.Exit(0 if report["passed"] else 1)


def measure(service: Service, archive: Path, filler: Filler, full_s: float) -> dict[str, Any]:
    """Room, none, room again: what each call was answered."""
    batch = bring_in(service, archive)
    while look_at(service, batch)["tiles"]["screened"] == 0:
        time.sleep(0.2)
    with service.client() as http:
        body = {"name": "live", "um_per_px": 0.5}
        scan_id = int(http.post("/v1/scans", json=body).raise_for_status().json()["id"])
        small = archive.with_suffix(".small.zip")
        DrawnScan(9, seed=2).write(small)
        caller = Caller(http, scan_id, small, [])
        before, number = caller.ask(0), 1
        full: dict[str, Counter[str]] = {name: Counter() for name in before}
        until = time.monotonic() + full_s
        while time.monotonic() < until:
            for name, call in caller.calls().items():
                filler.fill()
                full[name][_status(call, number)] += 1
            number += 1
        filler.give_back()
        given_back = time.monotonic()
        after = caller.ask(number)
        small.unlink()
        scan = wait_for_end(service, batch, time.monotonic() + 600)
        rows = _settled_rows(http, scan_id)
    return {
        "before": before,
        "full": {name: dict(statuses) for name, statuses in full.items()},
        "after": after,
        "scan": {key: scan[key] for key in ("state", "error", "tiles")},
        "scan_ended_after_s": round(time.monotonic() - given_back, 1),
        "accepted": len(caller.rows),
        "lost": sorted(set(caller.rows) - set(rows)),
        "not_screened": sorted(row for row, state in rows.items() if state != "screened"),
        "too_many": sorted(set(rows) - set(caller.rows)),
    }


def _status(call: Callable[[int], httpx.Response], number: int) -> str:
    try:
        answer = call(number)
    except httpx.TransportError as error:
        return f"none: {type(error).__name__}"
    if answer.status_code not in {200, 201, 202, 507}:
        return f"{answer.status_code}: {answer.text[:200]}"
    return str(answer.status_code)


def _settled_rows(http: httpx.Client, scan_id: int) -> dict[int, str]:
    """State of each row of the scan, once none waits any more, or after a minute."""
    until = time.monotonic() + 60
    while True:
        rows = {tile["row"]: tile["state"] for tile in tiles_of(http, scan_id)}
        if "queued" not in rows.values() or time.monotonic() > until:
            return rows
        time.sleep(1)


def _passed(report: dict[str, Any], checked: int, tiles: int) -> bool:
    answers = {status for statuses in report["full"].values() for status in statuses}
    again = set(report["after"].values())
    whole = report["scan"]["tiles"]["screened"] == tiles
    wrong = report["lost"] or report["too_many"] or report["half_written"]
    return answers <= _FINE and again <= _FINE - {"507"} and whole and not wrong and checked == 0


def _drawn(number: int) -> bytes:
    picture = DrawnScan(1, seed=3).draw(0, 260 * number)[..., ::-1]
    return cv2.imencode(".png", picture)[1].tobytes()


if __name__ == "__main__":
    typer.run(main)
