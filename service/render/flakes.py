"""Families of thin flakes: what tears from one crystal lies together on the chip.

A family is a list of (polygon around (0, 0), layers), later ones on top.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from service.render.chip import MOST_GRAPHENE_LAYERS
from service.render.shapes import Polygon, rotate, shard, shatter, split, strip

Family = list[tuple[Polygon, int]]

# Thin flakes are the rarer the thicker graphite around them: shares of 1 to 4 layers as found.
LAYER_SHARES = (0.32, 0.31, 0.21, 0.16)


def make_family(rng: Generator, length_um: float) -> Family:
    """A random family whose largest thin flake is about `length_um` long."""
    kinds: tuple[Callable[[Generator, float], Family], ...] = (
        single, terraces, hanging, strips, broken, folded,
    )  # fmt: skip
    kind = rng.choice(len(kinds), p=(0.3, 0.2, 0.2, 0.12, 0.08, 0.1))
    return kinds[kind](rng, length_um)


def single(rng: Generator, length_um: float) -> Family:
    """One flake of even thickness."""
    return [(shard(rng, length_um, rng.uniform(1.1, 3.5)), _thin(rng))]


def terraces(rng: Generator, length_um: float) -> Family:
    """A flake with steps across it, up to thick graphite at one end."""
    whole = shard(rng, length_um, rng.uniform(1.1, 2.5))
    angle = rng.uniform(0, 2 * np.pi)
    thin, rest = split(whole, angle, rng.uniform(0.3, 0.6))
    first = _thin(rng)
    family = [(thin, first)]
    if rng.random() < 0.5:
        middle, rest = split(rest, angle + rng.choice([0, np.pi / 3]), rng.uniform(0.3, 0.6))
        first += int(rng.integers(1, 3))
        family.append((middle, first))
    last = first + int(rng.choice([1, 2, 3, 12, 60]))
    return [part for part in [*family, (rest, last)] if len(part[0]) > 2]


def hanging(rng: Generator, length_um: float) -> Family:
    """A thin flake whose one end lies under a thick crystal."""
    thin = shard(rng, length_um, rng.uniform(1.3, 3))
    angle = rng.uniform(0, 2 * np.pi)
    thick_um = length_um * rng.uniform(0.6, 2)
    thick = shard(rng, thick_um, rng.uniform(1, 2), 0.05)
    reach = (length_um * 0.35 + thick_um * 0.3) * np.array([np.cos(angle), np.sin(angle)])
    return [(thin, _thin(rng)), (thick + reach, int(rng.integers(15, 300)))]


def strips(rng: Generator, length_um: float) -> Family:
    """Parallel ribbons, as tape pulls them."""
    angle = rng.uniform(0, 2 * np.pi)
    family: Family = []
    offset, layers = 0.0, _thin(rng)
    for _ in range(rng.integers(1, 4)):
        width = length_um * rng.uniform(0.06, 0.2)
        ribbon = strip(rng, length_um * rng.uniform(0.5, 1), width)
        along = rng.normal(0, 0.1) * length_um
        family.append((rotate(ribbon + (along, offset + width), angle), layers))
        offset += width * rng.uniform(2.6, 4)
    return family


def broken(rng: Generator, length_um: float) -> Family:
    """A flake in pieces, with bare gaps between them."""
    whole = shard(rng, length_um, rng.uniform(1.1, 2))
    layers = _thin(rng)
    gap = rng.uniform(1, 3)
    return [(piece, layers) for piece in shatter(rng, whole, int(rng.integers(2, 7)), gap)]


def folded(rng: Generator, length_um: float) -> Family:
    """A flake with a band of twice its layers, where it is folded over."""
    whole = shard(rng, length_um, rng.uniform(1.1, 2))
    layers = int(rng.integers(1, 3))
    angle = rng.uniform(0, 2 * np.pi)
    before, rest = split(whole, angle, rng.uniform(0.25, 0.6))
    band, after = split(rest, angle, rng.uniform(0.25, 0.6))
    parts = [(before, layers), (band, 2 * layers), (after, layers)]
    return [(polygon, number) for polygon, number in parts if len(polygon) > 2]


def _thin(rng: Generator) -> int:
    return int(rng.choice(np.arange(1, MOST_GRAPHENE_LAYERS + 1), p=LAYER_SHARES))
