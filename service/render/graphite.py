"""Thick graphite: crystals with steps, cracks and lifted edges, and the crumbs around them."""

import numpy as np
from numpy.random import Generator

from service.render.chip import Film, Line, Patch
from service.render.shapes import Polygon, reach_um, shard, split, tear

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
    """A thick crystal around (0, 0), with its cracks."""
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
    """A small fragment around (0, 0), turned with the trail that it lies in."""
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
