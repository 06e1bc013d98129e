"""Batch: whole scans through one embedded worker on SQLite, a few sizes of them."""

import time
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from bench.kill.chip import DrawnScan
from bench.kill.run import bring_in, wait_for_end
from bench.kill.service import Service
from bench.pace.calls import cpu_s
from bench.pace.drawn import distinct
from service.db.engine import build_engine, build_sessions
from service.db.tables import Tile

# Each part of a scan in which the time of a tile is looked at.
PARTS = 10
_LIMIT_S, _START_S = 3600.0, 120.0


def measure_large(service: Service, folder: Path, tiles: Mapping[str, bytes], number: int) -> Any:
    """A scan of 1920x1200 tiles, sparse and crowded ones in turn."""
    archive = folder / "large.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for place, image in zip(range(number), cycle(tiles.values()), strict=False):
            file.writestr(f"r{place // 10:03}_c{place % 10:03}.jpg", distinct(image, place))
    return run_scan(service, archive, number)


def measure_growth(service: Service, folder: Path, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Scans of small overlapping tiles with many flakes, so that saving and merging weigh most."""
    runs = []
    for number in sizes:
        archive = folder / f"{number}.zip"
        DrawnScan(number).write(archive)
        runs.append(run_scan(service, archive, number))
        archive.unlink()
    return runs


def wait_for_worker(service: Service) -> None:
    """Until the embedded worker has started, which is no part of a scan's time."""
    deadline = time.monotonic() + _START_S
    with service.client() as client:
        while client.get("/readyz").raise_for_status().json()["workers"] < 1:
            if time.monotonic() > deadline:
                raise TimeoutError("the embedded worker did not start")
            time.sleep(0.1)


def run_scan(service: Service, archive: Path, number: int) -> dict[str, Any]:
    """Upload a scan, wait for its end, and read from the database when each tile was done."""
    workers = service.worker_pids()
    used, began = sum(map(cpu_s, workers)), datetime.now(UTC)
    service_used = cpu_s(service.pid)
    scan_id = bring_in(service, archive)
    scan = wait_for_end(service, scan_id, time.monotonic() + _LIMIT_S)
    ended = datetime.now(UTC)
    if scan["state"] != "done" or scan["tiles"]["screened"] != number:
        raise RuntimeError(f"the scan ended as {scan['state']}: {scan['tiles']}")
    engine = build_engine(service.database_url)
    with build_sessions(engine)() as session:
        done = session.scalars(select(Tile.screened_at).where(Tile.scan_id == scan_id)).all()
    engine.dispose()
    at_s = sorted((one - began).total_seconds() for one in done if one is not None)
    used_s = sum(map(cpu_s, workers)) - used
    return times_of(at_s, (ended - began).total_seconds()) | {
        "tiles": number,
        "flakes": sum(scan["flakes"].values()),
        "worker_cpu_ms_per_tile": round(1000 * used_s / number, 1),
        "service_cpu_s": round(cpu_s(service.pid) - service_used, 1),
    }


def times_of(at_s: Sequence[float], ended_s: float) -> dict[str, Any]:
    """What a scan's time went into, from when each tile was done; all in s after its upload began.

    The first tile is the end of taking in, for by then all tiles are known.
    """
    first_s, last_s = at_s[0], at_s[-1]
    per_tile = [
        1000 * (float(part[-1]) - float(part[0])) / len(part)
        for part in np.array_split(np.array(at_s), PARTS)
    ]
    return {
        "first_s": round(first_s, 2),
        "screening_s": round(last_s - first_s, 2),
        "settling_s": round(ended_s - last_s, 2),
        "whole_s": round(ended_s, 2),
        "tiles_per_s": round((len(at_s) - 1) / max(last_s - first_s, 1e-9), 2),
        "ms_per_tile": round(1000 * ended_s / len(at_s), 2),
        "ms_per_tile_by_part": [round(one, 2) for one in per_tile],
    }
