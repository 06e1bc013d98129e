"""`python -m bench.workers postgresql://...`: two worker processes against one, and their memory.

A drawn scan is brought in once, and then screened again and again by one worker and by two, in
turn; the best of each counts, because other work only ever slows down. Each worker screens one
tile at a time on a core of its own, as a machine of its own would: else one alone uses both cores.
The memory of the service and of the workers is sampled while the scan is screened first.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from bench.kill.chip import DrawnScan
from bench.kill.run import bring_in, look_at, wait_for_end
from bench.kill.service import Service
from service.db.engine import Sessions, build_engine, build_sessions
from service.db.tables import Tile

_START_S = 180.0

# Where memory is compared: a worker that is warm, and the end of the scan.
WARM_TILES = 200
ASKED_RATIO, ASKED_GROWTH = 1.7, 0.10

Samples = dict[str, list[tuple[int, int]]]


def main(
    url: Annotated[str, typer.Argument(help="An empty PostgreSQL database.")],
    *,
    tiles: Annotated[int, typer.Option()] = 2000,
    repeats: Annotated[int, typer.Option(help="Of each arm.")] = 3,
    limit_s: Annotated[float, typer.Option(help="Longest time of one scan.")] = 1200.0,
    out: Annotated[Path | None, typer.Option(help="Folder for workers.json.")] = None,
) -> None:
    """Print tiles a second of one worker and of two, and what their memory did."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        archive = folder / "scan.zip"
        DrawnScan(tiles).write(archive)
        service = Service(folder / "data", url, {"FLAKESCOPE_EMBEDDED_WORKER": "false"})
        service.start()
        engine = build_engine(url)
        try:
            report = measure(service, build_sessions(engine), archive, (repeats, limit_s))
        finally:
            engine.dispose()
            service.stop()
    report = {"tiles": tiles, "cores": os.cpu_count()} | report
    print(json.dumps(report, indent=1))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "workers.json").write_text(json.dumps(report, indent=1))
    flat = all(one["growth"] <= ASKED_GROWTH for one in report["memory"].values())
    raise typer.Exit(0 if report["ratio"] >= ASKED_RATIO and flat else 1)


def measure(
    service: Service, sessions: Sessions, archive: Path, plan: tuple[int, float]
) -> dict[str, Any]:
    """Bring the scan in by two workers, then time one and two in turn."""
    repeats, limit_s = plan
    with working(service, 2) as pids:
        scan_id = bring_in(service, archive)
        processes = {f"worker {n}": pid for n, pid in enumerate(pids, 1)}
        with sampling(service, scan_id, processes | {"service": service.pid}) as samples:
            wait_for_end(service, scan_id, time.monotonic() + limit_s)
    arms: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    for _ in range(repeats):
        for workers, runs in arms.items():
            load = os.getloadavg()[0]
            with working(service, workers):
                with service.client() as http:
                    http.post(f"/v1/scans/{scan_id}/rescreen").raise_for_status()
                wait_for_end(service, scan_id, time.monotonic() + limit_s)
            runs.append({"tiles_per_s": round(_rate(sessions, scan_id), 2), "load": load})
    best = {workers: max(run["tiles_per_s"] for run in runs) for workers, runs in arms.items()}
    return {
        "one_worker": arms[1],
        "two_workers": arms[2],
        "ratio": round(best[2] / best[1], 2),
        "memory": {name: _memory(some) for name, some in samples.items()},
    }


def _rate(sessions: Sessions, scan_id: int) -> float:
    """Tiles a second from the first result to the last: without starts and polls."""
    with sessions() as session:
        first, last, count = session.execute(
            select(func.min(Tile.screened_at), func.max(Tile.screened_at), func.count()).where(
                Tile.scan_id == scan_id
            )
        ).one()
    assert first is not None
    assert last is not None
    return float((count - 1) / (last - first).total_seconds())


@contextmanager
def working(service: Service, workers: int) -> Iterator[list[int]]:
    """So many workers, each on a core of its own; gives their process ids."""
    environment = service.environment() | {"FLAKESCOPE_WORKERS": "1"}
    log = service.data_dir.with_suffix(".workers.log")
    processes = []
    with log.open("ab") as output:
        try:
            for number in range(workers):
                command = [sys.executable, "-m", "service", "worker"]
                process = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stderr=output
                )
                os.sched_setaffinity(process.pid, {number % (os.cpu_count() or 1)})
                processes.append(process)
            _wait_until_alive(service, workers)
            yield [process.pid for process in processes]
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)
    # The others are no longer counted as alive.
    _wait_until_alive(service, 0)


def _wait_until_alive(service: Service, workers: int) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        with service.client() as http:
            if http.get("/readyz").raise_for_status().json()["workers"] == workers:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"there were never {workers} workers")
        time.sleep(0.5)


@contextmanager
def sampling(service: Service, scan_id: int, pids: dict[str, int]) -> Iterator[Samples]:
    """Memory by process and by how many tiles are screened, until the end of the block."""
    samples: Samples = {name: [] for name in pids}
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.5):
            screened = int(look_at(service, scan_id)["tiles"]["screened"])
            for name, pid in pids.items():
                samples[name].append((screened, rss_bytes(pid)))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield samples
    finally:
        stop.set()
        thread.join()


def rss_bytes(pid: int) -> int:
    """Memory of a process that is in the machine's (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return 1024 * int(line.split()[1])


def _memory(samples: list[tuple[int, int]]) -> dict[str, Any]:
    warm = next(rss for screened, rss in samples if screened >= WARM_TILES)
    return {
        "at_tile_200_mib": round(warm / 2**20, 1),
        "at_end_mib": round(samples[-1][1] / 2**20, 1),
        "most_mib": round(max(rss for _, rss in samples) / 2**20, 1),
        "growth": round(samples[-1][1] / warm - 1, 3),
    }


if __name__ == "__main__":
    typer.run(main)
