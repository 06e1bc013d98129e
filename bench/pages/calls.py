"""Calls of the list of flakes: drawn at random, and those that are hardest to answer."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

SORTS = [
    sign + column for sign in ("-", "") for column in ("area_um2", "p_graphene", "layers", "id")
]


@dataclass(frozen=True, slots=True)
class Call:
    """One page: scope, filters and sort as the API names them.

    Attributes
    ----------
    deep : float or None
        Where in the list it begins, as a share of what matches; None = at its start.
    cursor : str or None
        The same as the API takes it; `bench.pages.places` finds it.
    """

    kind: str
    sort: str
    filters: dict[str, Any] = field(default_factory=dict)
    scan_id: int | None = None
    deep: float | None = None
    limit: int = 100
    cursor: str | None = None


def drawn(count: int, scans: int, seed: int) -> Iterator[Call]:
    """Any filters with any sort, in a scan or in all, at the start or deep in the list."""
    rng = random.Random(seed)
    for _ in range(count):
        filters: dict[str, Any] = {}
        if rng.random() < 0.5:
            filters["graphene"] = rng.random() < 0.7
        if rng.random() < 0.4:
            filters["min_area_um2"] = round(10 ** rng.uniform(0, 4), 1)
        if rng.random() < 0.2:
            filters["max_area_um2"] = filters.get("min_area_um2", 1) * 10 ** rng.uniform(0, 2)
        if rng.random() < 0.4:
            filters["min_p"] = round(1 - 10 ** rng.uniform(-3, 0), 4)
        if rng.random() < 0.4:
            filters["layers"] = tuple(rng.sample(range(1, 9), rng.randint(1, 3)))
        if rng.random() < 0.3:
            filters["reviewed"] = rng.random() < 0.4
        scan_id = rng.randint(1, scans) if rng.random() < 0.5 else None
        deep = rng.random() if rng.random() < 0.5 else None
        yield Call("drawn", rng.choice(SORTS), filters, scan_id, deep)


HARD: dict[str, dict[str, Any]] = {
    "no filter": {},
    "graphene": {"graphene": True},
    "other": {"graphene": False},
    "to be reviewed": {"graphene": True, "reviewed": False},
    "reviewed others": {"graphene": False, "reviewed": True},
    "few by p": {"min_p": 0.9995},
    "few by area": {"min_area_um2": 8000},
    "a thin slice of area": {"min_area_um2": 100, "max_area_um2": 100.05},
    "nothing": {"graphene": False, "min_p": 0.6},
    "large and probable": {"min_area_um2": 1500, "min_p": 0.95},
    "many large, many probable, few both": {"min_area_um2": 300, "min_p": 0.9},
    "thick and probable": {"layers": (20, 21, 22), "min_p": 0.9},
    "one layer": {"layers": (1,)},
    "one layer, large": {"layers": (1,), "min_area_um2": 1000},
    "everything asked": {
        "graphene": True,
        "reviewed": False,
        "layers": (1, 2),
        "min_area_um2": 50,
        "max_area_um2": 5000,
        "min_p": 0.8,
    },
}


def hard(biggest_scan: int) -> Iterator[Call]:
    """Narrow filters with a sort that has nothing to do with them, and counts of very many."""
    for (kind, filters), sort, scan_id, deep in product(
        HARD.items(), SORTS, (None, biggest_scan), (None, 0.5)
    ):
        yield Call(kind, sort, filters, scan_id, deep)
