"""Tiles with square flakes of a known contrast."""

import numpy as np

from service.vision.candidate import Candidate
from service.vision.decode import Tile

SUBSTRATE = np.array([140, 120, 180])


GRAPHENE_90_NM = np.array([-0.137, -0.140, -0.071])


def draw_tile(*flakes: tuple[int, int, np.ndarray]) -> Tile:
    """A bare tile with squares of 40 px at (x, y), of this contrast."""
    pixels = np.tile(SUBSTRATE, (300, 400, 1)).astype(np.float64)
    for x, y, contrast in flakes:
        pixels[y : y + 40, x : x + 40] *= 1 + contrast
    noise = np.random.default_rng(0).normal(0, 1, pixels.shape)
    return Tile(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def square(x: int, y: int) -> Candidate:
    return Candidate(x, y, np.ones((40, 40), np.bool_))
