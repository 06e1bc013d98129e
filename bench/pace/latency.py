"""Latency: one client's calls, each beside the same tile in this process and a plain copy.

All are taken in turn, so that whatever else the machine does meets all of them. The processor time
of the service's process is disturbed least, though what it does by itself meanwhile is part of it.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import cv2
import numpy as np

from bench.kill.service import Service
from bench.models import load_classifier
from bench.pace.calls import Answer, Caller, body_of, cpu_s, open_scan
from bench.pace.drawn import distinct
from bench.pace.floor import copying
from service.screening.pipeline import screen_tile
from service.vision.decode import decode
from service.vision.segment import SegmentParams

WAYS = ("copy", "in_process", "screen", "saved")
# Calls that fill caches, start threads and open the connection.
_WARM = 3
# A service that has just started still builds its tables, which looks like no rest.
_SETTLE_S, _IDLE_S, _AT_REST = 30.0, 2.0, 0.05

Taken = dict[str, list[tuple[float, float]]]


def measure(service: Service, tiles: Mapping[str, bytes], rounds: int) -> dict[str, Any]:
    """Percentiles of each way, by tile, and their ratios."""
    cv2.setNumThreads(1)
    found = {}
    with copying() as copy, calling(service) as ways:
        for name, image in tiles.items():
            taken: Taken = {way: [] for way in WAYS}
            inside_ms = []
            for number in range(-_WARM, rounds):
                once, inside = _round(image, ways | {"copy": _alone(copy)})
                if number >= 0:
                    inside_ms.append(inside)
                    for way, took in once.items():
                        taken[way].append(took)
            found[name] = compared(taken) | {"timing_ms": round(float(np.median(inside_ms)), 1)}
    share = round(idle_share(service.pid), 3)
    return {"rounds": rounds, "tiles": found, "idle_share": share}


Way = Callable[[bytes], tuple[float, float, Answer | None]]


@contextmanager
def calling(service: Service) -> Iterator[dict[str, Way]]:
    """Ways to screen one image; each gives wall ms, processor ms and what the service said."""
    classifier = load_classifier(None)
    idle_share(service.pid)
    caller, path, names = Caller(service), open_scan(service), count()

    def in_process(image: bytes) -> tuple[float, float, None]:
        wall, used = time.perf_counter(), time.thread_time()
        screen_tile(decode(image), params=SegmentParams(), classifier=classifier)
        return (1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - used), None)

    def post(path: str, name: str, image: bytes) -> tuple[float, float, Answer]:
        body = body_of(image, name)
        used = cpu_s(service.pid)
        answer = caller.post(path, body)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status}: {answer.content[:200]!r}")
        return answer.took_ms, 1000 * (cpu_s(service.pid) - used), answer

    def save(image: bytes) -> tuple[float, float, Answer]:
        number = next(names)
        return post(path, f"{number}.jpg", distinct(image, number))

    try:
        yield {
            "in_process": in_process,
            "screen": lambda image: post("/v1/screen", "tile.jpg", image),
            "saved": save,
        }
    finally:
        caller.close()


def idle_share(pid: int) -> float:
    """Part of a core that a process uses by itself, once it has built its tables."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        began, used = time.monotonic(), cpu_s(pid)
        time.sleep(_IDLE_S)
        share = (cpu_s(pid) - used) / (time.monotonic() - began)
        if share < _AT_REST or time.monotonic() > deadline:
            return share


def _alone(copy: Callable[[bytes], float]) -> Way:
    return lambda image: (copy(image), 0.0, None)


def _round(image: bytes, ways: Mapping[str, Way]) -> tuple[dict[str, tuple[float, float]], float]:
    once, inside_ms = {}, 0.0
    for name, way in ways.items():
        wall_ms, cpu_ms, answer = way(image)
        once[name] = (wall_ms, cpu_ms)
        if name == "screen" and answer is not None:
            inside_ms = float(json.loads(answer.content)["timing_ms"])
    return once, inside_ms


def compared(taken: Taken) -> dict[str, Any]:
    """Percentiles of each way in ms, and each beside the time in this process."""
    shown: dict[str, Any] = {way: _percentiles(times) for way, times in taken.items()}
    base = shown["in_process"]
    for way in ("screen", "saved"):
        one = shown[way]
        one["p50_ratio"] = round(one["p50_ms"] / base["p50_ms"], 2)
        one["p95_ratio"] = round(one["p95_ms"] / base["p50_ms"], 2)
        one["cpu_ratio"] = round(one["cpu_ms"] / base["cpu_ms"], 2)
    return shown


def _percentiles(times: list[tuple[float, float]]) -> dict[str, float]:
    wall, used = np.array(times).T
    found = {f"p{q}_ms": round(float(np.percentile(wall, q)), 2) for q in (50, 95, 99)}
    return found | {"cpu_ms": round(float(np.median(used)), 2)}
