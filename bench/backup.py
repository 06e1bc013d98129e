"""Backups are made while tiles come in and are screened; each is restored and compared.

    python -m bench.backup sqlite: sqlite: postgresql://.../one postgresql://.../two

From the first place to the second, from the third to the fourth, and so on; `sqlite:` stands for a
file of its own. Two microscopes post live tiles, a worker screens a scan, and `flakescope backup`
runs again and again meanwhile. The last snapshot that was made under load is restored on the empty
place: its rows and images must be as many as it says, and `flakescope check --deep` clean.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from bench.kill.chip import DrawnScan
from bench.kill.run import bring_in, look_at
from bench.kill.service import Service
from bench.outage import MICROSCOPES, Microscope, open_scan
from service.backup.backup import latest_snapshot, read_manifest
from service.db.base import Base
from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions


@dataclass(frozen=True, slots=True)
class Place:
    """A database and a folder."""

    url: str
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a `flakescope` command on it."""
        service = Service(self.folder, self.url)
        return subprocess.run(
            [sys.executable, "-m", "service", *command],
            env=service.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        engine = build_engine(self.url)
        try:
            with build_sessions(engine)() as session:
                return {
                    table.name: session.scalar(select(func.count()).select_from(table)) or 0
                    for table in Base.metadata.sorted_tables
                }
        finally:
            engine.dispose()


def main(
    urls: Annotated[list[str], typer.Argument(help="Pairs of empty databases.")],
    *,
    backups: Annotated[int, typer.Option(help="One after the other, under load.")] = 3,
    tiles: Annotated[int, typer.Option(help="Of the scan that is screened meanwhile.")] = 300,
    out: Annotated[Path | None, typer.Option(help="A JSON file of the result.")] = None,
) -> None:
    """Back up under load, restore, compare."""
    reports = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        for number in range(0, len(urls) - 1, 2):
            folder = Path(name) / str(number)
            folder.mkdir()
            source, target = (
                Place(_address(url, folder / which), folder / which)
                for which, url in zip(("source", "target"), urls[number : number + 2], strict=True)
            )
            reports.append(compare(source, target, folder / "backup", (backups, tiles)))
            print(json.dumps(reports[-1], indent=1), flush=True)
    if out is not None:
        out.write_text(json.dumps(reports, indent=1))
    raise typer.Exit(0 if all(report["passed"] for report in reports) else 1)


def compare(source: Place, target: Place, backup: Path, plan: tuple[int, int]) -> dict[str, Any]:
    """What was backed up under load, and what came of it elsewhere."""
    answers = back_up_under_load(source, backup, plan)
    manifest = read_manifest(latest_snapshot(backup))
    restored = target.run("restore", str(backup))
    checked = target.run("check", "--deep")
    counts = target.counts()
    counts.pop("worker")
    blobs = sum(1 for _ in FolderBlobStore(target.folder / "blobs").names())
    report = {
        "from": source.url.partition(":")[0],
        "to": target.url.partition(":")[0],
        "backups": answers,
        "rows": manifest.rows,
        "rows_differ": {t: (n, counts[t]) for t, n in manifest.rows.items() if n != counts[t]},
        "images": (manifest.blobs, blobs),
        "lost": len(manifest.lost),
        "restore": (restored.stdout + restored.stderr).strip(),
        "check": (checked.stdout + checked.stderr).strip(),
    }
    report["passed"] = (
        not report["rows_differ"]
        and manifest.blobs == blobs
        and not manifest.lost
        and checked.returncode == 0
    )
    return report


def back_up_under_load(source: Place, backup: Path, plan: tuple[int, int]) -> list[dict[str, Any]]:
    """How long each took, and how many tiles were there before and after it."""
    archive = backup.with_suffix(".zip")
    DrawnScan(plan[1]).write(archive)
    service = Service(source.folder, source.url)
    ending = threading.Event()
    threads: list[threading.Thread] = []
    answers = []
    try:
        service.start()
        scopes = [Microscope(service, open_scan(service, n), ending) for n in range(MICROSCOPES)]
        threads += [threading.Thread(target=one.run) for one in scopes]
        batch = bring_in(service, archive)
        for thread in threads:
            thread.start()
        while look_at(service, batch)["tiles"]["screened"] == 0:
            time.sleep(0.2)
        for _ in range(plan[0]):
            before, started = source.counts()["tile"], time.monotonic()
            done = source.run("backup", str(backup))
            answers.append(
                {
                    "took_s": round(time.monotonic() - started, 1),
                    "tiles_before": before,
                    "tiles_after": source.counts()["tile"],
                    "says": (done.stdout + done.stderr).strip().partition(": ")[2],
                }
            )
        return answers
    finally:
        ending.set()
        for thread in threads:
            thread.join()
        service.stop()


def _address(url: str, folder: Path) -> str:
    if url != "sqlite:":
        return url
    folder.mkdir()
    return f"sqlite:///{folder / 'flakescope.db'}"


if __name__ == "__main__":
    typer.run(main)
