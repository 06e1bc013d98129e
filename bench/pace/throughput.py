"""Throughput: so many clients at once, on one core and on two.

In each arm the service and the clients share the same cores (`sched_setaffinity`, as `taskset`
does), and the service screens as many images at once as it has cores. The arms take turns.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.kill.service import Service
from bench.pace import apart
from bench.pace.calls import Answer, Body, Caller, body_of, cpu_s, first_cores
from bench.pace.gpu import watching_gpu

CLIENTS = (1, 2, 4, 8)
ARMS = {"one_core": 1, "two_cores": 2}
# How long a client waits that was turned away: less than the second that it is told.
_PAUSE_S = 0.2
_WARM_S = 0.5


def measure(folder: Path, image: bytes, phase_s: float) -> dict[str, Any]:
    """Requests a second and the longest request, by arm and number of clients."""
    body = body_of(image)
    found: dict[str, Any] = {name: {} for name in ARMS}
    with ExitStack() as stack:
        services = {
            name: stack.enter_context(serving_on(folder / name, first_cores(count)))
            for name, count in ARMS.items()
        }
        for service in services.values():
            _send(service, body, time.monotonic() + _WARM_S, os.sched_getaffinity(0), [])
        for clients in CLIENTS:
            for name, count in ARMS.items():
                cores = first_cores(count)
                found[name][str(clients)] = _phase(services[name], body, (clients, phase_s), cores)
    return found | summed_up(found) | {"apart": apart.measure(image, phase_s)}


def summed_up(found: dict[str, Any]) -> dict[str, Any]:
    """The best rate of two cores by that of one, and the longest request of 8 clients."""
    best = {name: max(one["per_s"] for one in found[name].values()) for name in ARMS}
    two = found["two_cores"]
    refused: Counter[str] = Counter()
    for name in ARMS:
        for one in found[name].values():
            refused.update(one["refused"])
    return {
        "ratio": round(best["two_cores"] / best["one_core"], 2),
        "longest_ratio": round(two["8"]["longest_ms"] / two["1"]["p50_ms"], 2),
        "refused": dict(refused),
    }


@contextmanager
def serving_on(data_dir: Path, cores: set[int]) -> Iterator[Service]:
    """The service on these cores only, as many images at once."""
    options = {"FLAKESCOPE_WORKERS": str(len(cores))}
    service = Service(data_dir, f"sqlite:///{data_dir / 'pace.db'}", options)
    data_dir.mkdir(parents=True, exist_ok=True)
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        service.start()
    finally:
        os.sched_setaffinity(0, usual)
    try:
        yield service
    finally:
        service.stop()


def _phase(
    service: Service, body: Body, load: tuple[int, float], cores: set[int]
) -> dict[str, Any]:
    clients, phase_s = load
    answers: list[Answer] = []
    began, used = time.monotonic(), cpu_s(service.pid)
    threads = [
        threading.Thread(target=_send, args=(service, body, began + phase_s, cores, answers))
        for _ in range(clients)
    ]
    with watching_gpu() as busy:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    took_s = time.monotonic() - began
    return figures_of(answers, took_s, cpu_s(service.pid) - used) | (
        {"gpu_waits": round(1 - float(np.mean(busy)) / 100, 3)} if busy else {}
    )


def _send(
    service: Service, body: Body, until: float, cores: set[int], answers: list[Answer]
) -> None:
    os.sched_setaffinity(0, cores)
    caller = Caller(service)
    while time.monotonic() < until:
        answer = caller.post("/v1/screen", body)
        answers.append(answer)
        if answer.status == 503:
            time.sleep(_PAUSE_S)
    caller.close()


def figures_of(answers: Sequence[Answer], took_s: float, used_s: float) -> dict[str, Any]:
    """Rate, percentiles, the longest, and what was not answered by 200."""
    good = [answer.took_ms for answer in answers if answer.status == 200]
    refused = Counter(str(answer.status) for answer in answers if answer.status != 200)
    if not good:
        raise RuntimeError(f"no request was answered: {dict(refused)}")
    return {
        "requests": len(good),
        "per_s": round(len(good) / took_s, 2),
        "p50_ms": round(float(np.median(good)), 1),
        "p95_ms": round(float(np.percentile(good, 95)), 1),
        "longest_ms": round(max(good), 1),
        # Below the number of cores other work had the rest, and the rates tell about that.
        "cores_got": round(used_s / took_s, 2),
        "cpu_ms_per_request": round(1000 * used_s / len(good), 1),
        "refused": dict(refused),
    }
