"""Projection: what 100,000 tiles take, from scans of some hundreds and thousands."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

WAFER_TILES = 100_000
WORKERS = (1, 2, 4, 8)


def project(
    runs: Sequence[Mapping[str, Any]], large: Mapping[str, Any], gain: float | None
) -> dict[str, Any]:
    """Hours of a wafer by number of workers, and what they rest on.

    The cost of a tile is that of screening it, which the large tiles tell, times how the cost of a
    small tile grew with their number between the last two sizes, continued as a power law.

    Parameters
    ----------
    gain : float, optional
        Throughput of two workers by that of one, where it was measured.
    """
    exponents = [exponent_of(a, b) for a, b in pairwise(runs)]
    power = max(0.0, exponents[-1] - 1) if exponents else 0.0
    growth = (WAFER_TILES / runs[-1]["tiles"]) ** power
    one_worker_s = WAFER_TILES / large["tiles_per_s"] * growth
    shown = WORKERS if gain else WORKERS[:1]
    return {
        "tiles": WAFER_TILES,
        "exponents": [round(one, 3) for one in exponents],
        "growth": round(growth, 2),
        "serial_part": None if gain is None else round(serial_part(gain), 3),
        "hours": {
            str(count): round(one_worker_s / 3600 / speed_up(count, gain or 1.0), 2)
            for count in shown
        },
    }


def exponent_of(smaller: Mapping[str, Any], larger: Mapping[str, Any]) -> float:
    """The k in time = n ** k between two scans; 1 where the time of a tile stays.

    Of the worker's processor time, which other work on the machine disturbs least.
    """
    more = larger["tiles"] / smaller["tiles"]
    times = larger["worker_cpu_ms_per_tile"] / smaller["worker_cpu_ms_per_tile"]
    return 1 + math.log(times) / math.log(more)


def serial_part(gain: float) -> float:
    """Part of a tile's time that workers spend one after another, by Amdahl's law for two."""
    return max(0.0, 2 / gain - 1)


def speed_up(workers: int, gain: float) -> float:
    """How much faster so many workers are than one, where two gain so much."""
    return workers / (1 + serial_part(gain) * (workers - 1))
