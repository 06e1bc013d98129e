"""What else lies on a chip: glue, stains, dust, scratches."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.chip import Line, Residue, Speck
from service.render.shapes import blob, shard

Dirt = Residue | Speck | Line
Point = NDArray[np.float64]


def glue(rng: Generator, at: Point) -> list[Dirt]:
    """Residue of the tape: a ragged blob, or the rim that a lifted crystal left behind."""
    return _smear(rng, at) if rng.random() < 0.2 else _rim(rng, at)


def stain(rng: Generator, at: Point) -> Dirt:
    """A faint film of about a nanometre, of ragged shape."""
    radius = float(np.exp(rng.uniform(np.log(10), np.log(100))))
    outline = blob(rng, radius, rng.uniform(0.3, 1))
    softness = radius * rng.uniform(0.03, 0.4)
    thickness = float(np.exp(rng.uniform(np.log(0.1), np.log(1.5))))
    return Residue(outline + at, thickness, softness, _waves(rng, radius))


def dust(rng: Generator, at: Point) -> list[Dirt]:
    """A dark or bright grain, with a pale ring around it where it is out of focus."""
    x, y = at.tolist()
    radius = float(np.exp(rng.normal(np.log(0.4), 0.5)))
    grain = Speck(x, y, radius, float(rng.choice([-0.9, -0.5, 0.8], p=(0.5, 0.4, 0.1))))
    if rng.random() < 0.7:
        return [grain]
    ring = Speck(x, y, radius * rng.uniform(2, 4), rng.uniform(0.03, 0.15))
    return [ring, grain]


def scratch(rng: Generator, at: Point) -> list[Dirt]:
    """A long fine line, straight or bent, sometimes two beside each other."""
    length = float(np.exp(rng.uniform(np.log(20), np.log(300))))
    angle = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, rng.choice([0.01, 0.15]), 12))
    steps = length / 12 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = at + np.cumsum(steps, axis=0)
    effect = float(rng.choice([-1, 1]) * rng.uniform(0.04, 0.3))
    lines: list[Dirt] = [Line(points, rng.uniform(0.2, 0.8), effect)]
    if rng.random() < 0.3:
        lines.append(Line(points + rng.normal(0, 1.5, 2), 0.3, effect / 2))
    return lines


def _smear(rng: Generator, at: Point) -> list[Dirt]:
    radius = float(np.exp(rng.uniform(np.log(1), np.log(12))))
    outline = blob(rng, radius, rng.uniform(0.6, 1))
    thickness = float(np.exp(rng.uniform(np.log(3), np.log(80))))
    softness = rng.uniform(0.2, 0.6)
    parts: list[Dirt] = [Residue(outline + at, thickness, softness, _waves(rng, radius))]
    for _ in range(rng.poisson(8)):
        x, y = at + rng.normal(0, 1.5 * radius + 2, 2)
        size = float(np.exp(rng.normal(np.log(0.4), 0.4)))
        parts.append(Speck(float(x), float(y), size, 0, rng.uniform(10, 150)))
    return parts


def _rim(rng: Generator, at: Point) -> list[Dirt]:
    # Where a crystal came off with the tape, its outline stays as beads and threads of glue.
    length = rng.uniform(12, 110)
    outline = shard(rng, length, rng.uniform(1, 2), 0.05) + at
    closed = np.concatenate([outline, outline[:1]])
    parts: list[Dirt] = [Residue(outline, rng.uniform(0.05, 0.5), 0.5, _waves(rng, length))]
    strength = float(np.exp(rng.uniform(np.log(4), np.log(40))))
    beaded = rng.choice([0.02, 0.15, 0.4])
    for a, b in pairwise(closed):
        if rng.random() < 0.3:
            continue
        parts += _thread(rng, np.array([a, b]), strength * rng.uniform(0.3, 1), beaded)
    return parts


def _thread(rng: Generator, ends: NDArray[np.float64], glue_nm: float, beaded: float) -> list[Dirt]:
    # Glue runs together into beads: a thread is a row of short pieces of uneven strength.
    length = float(np.hypot(*(ends[1] - ends[0])))
    count = max(3, int(length / 2))
    along = np.linspace(0, 1, count)[:, None]
    bow = np.cumsum(rng.normal(0, 0.15, (count, 2)), axis=0)
    points = ends[0] + (ends[1] - ends[0]) * along + bow - along * bow[-1]
    parts: list[Dirt] = []
    for start in range(0, count - 1, 3):
        piece = points[start : start + 4]
        strength = glue_nm * float(rng.choice([0, 0.5, 1], p=(0.2, 0.4, 0.4)))
        parts.append(Line(piece, rng.uniform(0.25, 0.6), 0, strength))
    for x, y in points[rng.random(count) < beaded].tolist():
        size = float(np.exp(rng.normal(np.log(0.45), 0.5)))
        parts.append(Speck(x, y, size, 0, 2 * glue_nm + 60 * size))
    return parts


def _waves(rng: Generator, radius_um: float) -> NDArray[np.float64]:
    count = 5
    number = 2 * np.pi / (radius_um * rng.uniform(0.3, 1.5, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.stack(
        [
            number * np.cos(angle),
            number * np.sin(angle),
            rng.uniform(0, 2 * np.pi, count),
            rng.uniform(0.05, 0.2, count),
        ],
        axis=1,
    )
