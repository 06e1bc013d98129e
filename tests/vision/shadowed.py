"""Tiles under a light with a vignette and the shadow of a speck."""

import numpy as np

from service.vision.decode import Tile
from tests.vision.drawing import THICK, draw, square, vignette

SIZE = (640, 480)


def shadowed() -> np.ndarray:
    """A vignette with the shadow of a speck in the light path."""
    light = np.repeat(vignette(SIZE, 0.4), 3, axis=2)
    y, x = np.mgrid[:480, :640]
    light[(x - 200) ** 2 + (y - 300) ** 2 < 30**2] *= 0.93
    return light


def tiles(count: int) -> list[Tile]:
    rng = np.random.default_rng(5)
    return [
        draw(
            [(square(int(x), int(y), 90), THICK) for x, y in rng.integers(0, 400, (4, 2))],
            light=shadowed(),
        )
        for _ in range(count)
    ]
