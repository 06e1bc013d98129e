"""Draws examples whose answer a glance tells: dark is graphene, bright is not."""

import numpy as np

from models.examples.labelled import Examples

SIZE = 48


def draw_examples(
    n: int = 64, groups: tuple[str, ...] = ("A", "B", "C", "D"), source: str = "frame"
) -> Examples:
    """Half of them graphene; contrast -0.14 inside the mask of graphene and +0.14 of the rest."""
    rng = np.random.default_rng(0)
    crops = rng.normal(0, 0.01, (n, SIZE, SIZE, 4)).astype(np.float32)
    crops[..., 3] = 0
    crops[:, 12:36, 12:36, 3] = 1
    label = (np.arange(n) % 2).astype(np.int8)
    crops[:, 12:36, 12:36, :3] -= 0.14 * (2 * label - 1)[:, None, None, None]
    return Examples(
        crops=crops.astype(np.float16),
        label=label,
        layers=label,
        group=np.array([groups[number // 2 % len(groups)] for number in range(n)]),
        source=np.full(n, source),
    )
