"""Gold marks of lithography: a cross with two letters, and a disc here and there."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from service.render.chip import Film, Patch
from service.render.shapes import Polygon, disc

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
    """A cross of this size around (0, 0), its letters above it, or a disc."""
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
