"""Two workers against one on PostgreSQL, by `bench.workers` in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TILES = 500
REPEATS = 2


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Its report; each worker is on a core of its own."""
    command = [sys.executable, "-m", "bench.workers", url, "--tiles", str(TILES)]
    command += ["--repeats", str(REPEATS), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    written = folder / "workers.json"
    if not written.exists():
        raise RuntimeError(f"bench.workers ended with {done.returncode}: {done.stderr[-500:]}")
    report: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    report["best"] = {
        workers: max(run["tiles_per_s"] for run in report[workers])
        for workers in ("one_worker", "two_workers")
    }
    return report
