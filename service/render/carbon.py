"""Draw families of thin flakes, thick graphite, and gold marks of lithography."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from service.render.chip import MOST_GRAPHENE_LAYERS, Film, Line, Patch
from service.render.shapes import (
    Polygon,
    disc,
    reach_um,
    rotate,
    shard,
    shatter,
    split,
    strip,
    tear,
)

Family = list[tuple[Polygon, int]]

# Thin flakes are the rarer the thicker graphite around them: shares of 1 to 4 layers as found.
LAYER_SHARES = (0.32, 0.31, 0.21, 0.16)


def make_family(rng: Generator, length_um: float) -> Family:
    """Make a random family whose largest thin flake is about `length_um` long."""
    kinds: tuple[Callable[[Generator, float], Family], ...] = (
        single, terraces, hanging, strips, broken, folded,
    )  # fmt: skip
    kind = rng.choice(len(kinds), p=(0.3, 0.2, 0.2, 0.12, 0.08, 0.1))
    return kinds[kind](rng, length_um)


def single(rng: Generator, length_um: float) -> Family:
    """Make one flake of even thickness."""
    return [(shard(rng, length_um, rng.uniform(1.1, 3.5)), _thin(rng))]


def terraces(rng: Generator, length_um: float) -> Family:
    """Make a flake with steps across it, up to thick graphite at one end."""
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
    """Make a thin flake whose one end lies under a thick crystal."""
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
    """Make a flake in pieces, with bare gaps between them."""
    whole = shard(rng, length_um, rng.uniform(1.1, 2))
    layers = _thin(rng)
    gap = rng.uniform(1, 3)
    return [(piece, layers) for piece in shatter(rng, whole, int(rng.integers(2, 7)), gap)]


def folded(rng: Generator, length_um: float) -> Family:
    """Make a flake with a band of twice its layers, where it is folded over."""
    whole = shard(rng, length_um, rng.uniform(1.1, 2))
    layers = int(rng.integers(1, 3))
    angle = rng.uniform(0, 2 * np.pi)
    before, rest = split(whole, angle, rng.uniform(0.25, 0.6))
    band, after = split(rest, angle, rng.uniform(0.25, 0.6))
    parts = [(before, layers), (band, 2 * layers), (after, layers)]
    return [(polygon, number) for polygon, number in parts if len(polygon) > 2]


def _thin(rng: Generator) -> int:
    return int(rng.choice(np.arange(1, MOST_GRAPHENE_LAYERS + 1), p=LAYER_SHARES))


# Crumbs and crystals have more layers than anything that counts as a flake.
FEWEST_LAYERS = 6
# Part of the crystals that stand up at an edge, where their light misses the objective.
LIFTED = 0.07


def graphite(layers: float) -> Film:
    """Carbon of about this many layers; above 12 in steps of 4 %, which no eye tells apart."""
    if layers > 12:
        layers = 12 * 1.04 ** round(np.log(layers / 12) / np.log(1.04))
    return Film("carbon", round(layers))


def crystal(rng: Generator, length_um: float) -> tuple[list[Patch], list[Line]]:
    """Make a thick crystal around (0, 0), with its cracks."""
    outline = shard(rng, length_um, rng.uniform(1, 2.8), 0.06)
    # Large crystals are thick: thin large ones break on the way.
    layers = float(np.exp(rng.uniform(np.log(FEWEST_LAYERS + 2), np.log(350))))
    layers *= min(max(length_um / 10, 0.4), 4)
    layers = min(max(layers, FEWEST_LAYERS), 400)
    patches = [Patch(outline, graphite(layers))]
    for _ in range(rng.poisson(0.8)):
        step, _rest = split(outline, rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.5))
        if len(step) > 2:
            factor = float(rng.choice([0.3, 0.6, 0.85, 1.15, 1.6]))
            patches.append(Patch(step, graphite(max(layers * factor, FEWEST_LAYERS))))
    cracks = [_crack(rng, outline) for _ in range(rng.poisson(0.4))]
    if rng.random() < LIFTED:
        cracks.append(_lifted_edge(rng, outline))
    return patches, cracks


def crumb(rng: Generator, length_um: float, angle_rad: float) -> Patch:
    """Make a small fragment around (0, 0), turned with the trail that it lies in."""
    half = length_um / 2
    width = half / rng.uniform(1, 2.5)
    box = np.array([[-half, -width], [half, -width * rng.random()], [half, width], [-half, width]])
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    outline = tear(rng, box * rng.uniform(0.6, 1, (4, 1)), 0.12) @ np.array(
        [[cos, sin], [-sin, cos]]
    )
    layers = float(np.exp(rng.uniform(np.log(FEWEST_LAYERS), np.log(160))))
    return Patch(outline, graphite(layers))


def _crack(rng: Generator, outline: Polygon) -> Line:
    start, end = outline[rng.integers(len(outline), size=2)]
    steps = np.linspace(0, 1, 7)[:, None]
    bend = rng.normal(0, 0.02 * reach_um(outline), (7, 2))
    effect = float(rng.choice([-0.7, -0.4, 0.4]))
    return Line(start + (end - start) * steps + bend, rng.uniform(0.3, 0.9), effect)


def _lifted_edge(rng: Generator, outline: Polygon) -> Line:
    sides = np.roll(outline, -1, axis=0) - outline
    longest = int(np.argmax(np.hypot(*sides.T)))
    a, b = outline[longest], outline[longest] + sides[longest]
    points = np.array([a + (b - a) * 0.1, a + (b - a) * 0.6, b])
    return Line(points, min(rng.uniform(0.6, 2), reach_um(outline) / 10), -0.9)


GOLD = Film("gold")
# Strokes of letters in a box of width 0.7 and height 1, y downwards.
LETTERS: dict[str, list[list[tuple[float, float]]]] = {
    "F": [[(0, 1), (0, 0), (0.7, 0)], [(0, 0.5), (0.5, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(0.7, 0), (0.7, 1)], [(0, 0.5), (0.7, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(0.7, 0), (0, 0.5), (0.7, 1)]],
    "L": [[(0, 0), (0, 1), (0.7, 1)]],
    "N": [[(0, 1), (0, 0), (0.7, 1), (0.7, 0)]],
    "T": [[(0, 0), (0.7, 0)], [(0.35, 0), (0.35, 1)]],
    "V": [[(0, 0), (0.35, 1), (0.7, 0)]],
    "W": [[(0, 0), (0.17, 1), (0.35, 0.2), (0.53, 1), (0.7, 0)]],
    "X": [[(0, 0), (0.7, 1)], [(0.7, 0), (0, 1)]],
    "Z": [[(0, 0), (0.7, 0), (0, 1), (0.7, 1)]],
}


def mark(rng: Generator, size_um: float) -> list[Patch]:
    """Make a cross of this size around (0, 0), its letters above it, or a disc."""
    if rng.random() < 0.15:
        return [Patch(disc(size_um * 0.4), GOLD)]
    width = size_um * 0.12
    half = size_um / 2
    strokes = [[(-half, 0.0), (half, 0.0)], [(0.0, -half), (0.0, half)]]
    for letter, left in zip(rng.choice(sorted(LETTERS), 2), (-0.5, 0.1), strict=True):
        strokes += [
            [(size_um * (left + 0.5 * x), size_um * (0.5 * y - 1.1)) for x, y in stroke]
            for stroke in LETTERS[letter]
        ]
    patches: list[Patch] = []
    for stroke in strokes:
        for a, b in pairwise(stroke):
            patches.append(Patch(_bar(np.array(a), np.array(b), width), GOLD))
        patches += [Patch(disc(width / 2) + point, GOLD) for point in stroke]
    return patches


def _bar(start: Polygon, end: Polygon, width_um: float) -> Polygon:
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]]) * width_um / 2
    return np.array([start + across, end + across, end - across, start - across])
