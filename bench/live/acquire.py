"""The acquisition, a process of its own as at a microscope: prints what its thread saw, as JSON."""

import json
import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from bench.live.microscope import UM_PER_PX, build_microscope, fields
from flakescope.client import Client, Scan, TileResult


# No slots: the signal holds its listener weakly.
@dataclass
class Taken:
    """What the acquisition's thread saw: how long each `send` took, and when each frame came."""

    scan: Scan
    send_ms: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    def frame_ready(self, image: Any, event: Any, meta: Any) -> None:
        """Send a frame; connected such that it runs on the acquisition's own thread."""
        started = time.perf_counter()
        place = meta["position"]
        self.scan.send(image, x_um=place["x"], y_um=place["y"], name=f"tile {event.index['g']}")
        self.send_ms.append(1000 * (time.perf_counter() - started))
        self.at_s.append(started)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many tiles, how fast, how large, and how long the last answers are waited for."""

    tiles: int
    per_s: float
    size_px: tuple[int, int]
    drain_s: float


def main(url: str, spool: Path, plan: str) -> None:
    """Play the microscope by a `Plan` in JSON; a first line says that it begins."""
    _acquire(url, spool, Plan(**json.loads(plan)))


def _acquire(url: str, spool: Path, plan: Plan) -> None:
    core = build_microscope(plan.size_px)
    results: list[TileResult] = []
    with Client(url, spool=spool) as client:
        scan = client.scan("live", um_per_px=UM_PER_PX, oxide_nm=90, on_result=results.append)
        taken = Taken(scan)
        core.mda.events.frameReady.connect(taken.frame_ready)
        print("begins", flush=True)
        core.mda.run(fields(plan.tiles, interval_s=1 / plan.per_s))
        waiting = scan.unanswered
        started = time.monotonic()
        answered = scan.flush(plan.drain_s)
        drained_s = time.monotonic() - started
        client.close(0.0)
    gaps_ms = [1000 * (b - a) for a, b in zip(taken.at_s, taken.at_s[1:], strict=False)]
    report = {
        "scan_id": scan.id,
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "send_ms": _spread(taken.send_ms),
        "send_over_20_ms": sum(one > 20 for one in taken.send_ms),
        "between_frames_ms": _spread(gaps_ms),
        "waiting_when_acquisition_ended": waiting,
        "all_answered": answered,
        "drained_s": round(drained_s, 1),
        "answers": {str(s): sum(r.status == s for r in results) for s in (200, 201)},
        "errors": sorted({one.error for one in results if one.error is not None}),
    }
    print(json.dumps(report))


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 2),
        "p99": round(ordered[int(0.99 * (len(ordered) - 1))], 2),
        "max": round(ordered[-1], 2),
    }


if __name__ == "__main__":
    typer.run(main)
