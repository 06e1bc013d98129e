"""Memory: of the service at rest with the model, and while tiles come in and are saved."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle
from typing import Any

from bench.kill.service import Service
from bench.pace.calls import Caller, body_of, open_scan
from bench.pace.drawn import distinct
from bench.workers import rss_bytes

# From here on every buffer has its size.
WARM_TILES = 100
_CLIENTS = 2
_LOOKS = 20
# The embedded worker has then loaded its model as well.
_REST_S = 3.0


def measure(service: Service, tiles: Mapping[str, bytes], number: int) -> dict[str, Any]:
    """Resident MiB at rest, then by saved tiles; two clients send."""
    time.sleep(_REST_S)
    rest_mib = _mib(service.pid)
    worker_mib = sum(_mib(pid) for pid in service.worker_pids())
    path, images, names = open_scan(service), cycle(tiles.values()), count()
    samples = [(0, rest_mib)]
    callers = [Caller(service) for _ in range(_CLIENTS)]

    def send(caller: Caller, how_many: int) -> None:
        for _ in range(how_many):
            name = next(names)
            answer = caller.post(path, body_of(distinct(next(images), name), f"{name}.jpg"))
            if answer.status != 201:
                raise RuntimeError(f"a tile was answered {answer.status}")

    step = max(1, number // _LOOKS // _CLIENTS)
    with ThreadPoolExecutor(_CLIENTS) as threads:
        while samples[-1][0] < number:
            list(threads.map(send, callers, [step] * _CLIENTS))
            samples.append((samples[-1][0] + step * _CLIENTS, _mib(service.pid)))
    for caller in callers:
        caller.close()
    return {
        "rest_mib": round(rest_mib, 1),
        "embedded_worker_mib": round(worker_mib, 1),
        "samples": [(done, round(mib, 1)) for done, mib in samples],
        **growth_of(samples),
    }


def growth_of(samples: list[tuple[int, float]]) -> dict[str, Any]:
    """How much more it is at the end than of a warm service, as a part and per 1,000 tiles."""
    warm_at, warm_mib = next(
        (one for one in samples if one[0] >= WARM_TILES), samples[len(samples) // 2]
    )
    end_at, end_mib = samples[-1]
    per_thousand = 1000 * (end_mib - warm_mib) / max(end_at - warm_at, 1)
    return {
        "warm": (warm_at, round(warm_mib, 1)),
        "end": (end_at, round(end_mib, 1)),
        "growth": round(end_mib / warm_mib - 1, 3),
        "mib_per_1000_tiles": round(per_thousand, 1),
    }


def _mib(pid: int) -> float:
    return rss_bytes(pid) / 2**20
