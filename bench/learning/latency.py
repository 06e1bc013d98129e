"""Latency: how long a live tile takes while a training runs, and while it does not.

The training is paused and goes on in turn, so that both see the same computer: what else runs there
changes within minutes. Its memory is taken in both.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning.stage import Stage

# A tile so often, as a microscope with a slow stage sends it.
EVERY_S = 0.6
PACES = {"paced": EVERY_S, "back_to_back": 0.0}
# More epochs than the measurement takes; it is cancelled.
_ENDLESS = 200
_CLOCK_HZ = os.sysconf("SC_CLK_TCK")


def measure(stage: Stage, tiles: Sequence[bytes], phase_s: float, rounds: int) -> dict[str, Any]:
    """Percentiles of both paces, without and with the training."""
    scan_id = stage.call("POST", "/v1/scans", json={"name": "latency", "oxide_nm": 90})["id"]
    number = stage.start_training(epochs=_ENDLESS)
    stage.wait_for_epochs(number, 1)
    pid = stage.training_pid()
    assert pid is not None
    sent = _sender(stage, scan_id, tiles)
    took: dict[str, dict[str, list[float]]] = {pace: {"without": [], "with": []} for pace in PACES}
    cpu_s = dict.fromkeys(PACES, 0.0)
    wall_s = dict.fromkeys(PACES, 0.0)
    try:
        for _ in range(rounds):
            for pace, every_s in PACES.items():
                with paused(pid):
                    took[pace]["without"] += _phase(sent, every_s, phase_s)
                began, ran = time.monotonic(), _cpu_s(pid)
                took[pace]["with"] += _phase(sent, every_s, phase_s)
                wall_s[pace] += time.monotonic() - began
                cpu_s[pace] += _cpu_s(pid) - ran
    finally:
        stage.call("POST", f"/v1/trainings/{number}/cancel")
    return {
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "cores": len(os.sched_getaffinity(0)),
        **{
            pace: _compared(found) | {"training_cores": round(cpu_s[pace] / wall_s[pace], 2)}
            for pace, found in took.items()
        },
    }


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """A process stands still in this block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _sender(stage: Stage, scan_id: int, tiles: Sequence[bytes]) -> Iterator[float]:
    """Send a tile each time the next is asked for; how long its answer took, in ms."""
    for number, image in zip(count(), cycle(tiles), strict=False):
        files = {"image": (f"{number}.jpg", image)}
        began = time.perf_counter()
        stage.call("POST", f"/v1/scans/{scan_id}/tiles", files=files)
        yield 1000 * (time.perf_counter() - began)


def _phase(sent: Iterator[float], every_s: float, lasts_s: float) -> list[float]:
    took_ms, began = [], time.monotonic()
    next(sent)  # what was swapped out or pre-empted at the change is no part of either
    for number in count(1):
        if time.monotonic() - began >= lasts_s:
            break
        took_ms.append(next(sent))
        time.sleep(max(0.0, began + number * every_s - time.monotonic()))
    return took_ms


def _compared(found: dict[str, list[float]]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: {
            "tiles": len(values),
            **{f"p{q}_ms": round(float(np.percentile(values, q)), 1) for q in (50, 95)},
        }
        for name, values in found.items()
    }
    for q in (50, 95):
        ratio = shown["with"][f"p{q}_ms"] / shown["without"][f"p{q}_ms"]
        shown[f"p{q}_rise"] = round(ratio - 1, 3)
    return shown


def _cpu_s(pid: int) -> float:
    """Processor time of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    # utime and stime, the 14th and 15th of the line (proc_pid_stat(5)).
    return (int(fields[11]) + int(fields[12])) / _CLOCK_HZ
