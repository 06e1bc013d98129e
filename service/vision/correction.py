"""Correction: positions with which all measured pairs of tiles agree best."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

# A stage errs by some um, an image's place is known to a tenth: so much less does a tile's own
# position weigh than one pair of images. It decides only where no image does.
OWN_WEIGHT = 1e-3
# Pairs that are off by many times what the others are were mistaken (Cauchy's weights).
ROUNDS = 12
# Error of a good pair below which nothing is gained: a twentieth of a um.
LEAST_ERROR_UM = 0.05
# For the largest scans: errors spread over a few hundred tiles, and each round starts where the
# last one ended.
MOST_STEPS = 400
CLOSE_ENOUGH = 1e-8


def correct(count: int, pairs: NDArray[np.int64], offsets_um: Float) -> Float:
    """How far each of `count` tiles has to move, (count, 2) um.

    Robust least squares: each pair wants the second tile to move by its offset against the first.

    Parameters
    ----------
    pairs : (n, 2) int64
        First and second tile.
    offsets_um : (n, 2) float64
        How far the second image lies from its position, seen from the first.
    """
    moves = np.zeros((count, 2))
    weights = np.ones(len(pairs))
    for _ in range(ROUNDS if len(pairs) else 0):
        moves = _solve(moves, pairs, offsets_um, weights)
        left = np.hypot(*(offsets_um - (moves[pairs[:, 1]] - moves[pairs[:, 0]])).T)
        error = max(1.4826 * float(np.median(left)), LEAST_ERROR_UM)
        weights = 1 / (1 + (left / (2 * error)) ** 2)
    return moves


def _solve(moves: Float, pairs: NDArray[np.int64], offsets_um: Float, weights: Float) -> Float:
    """Conjugate gradients on the normal equations, whose matrix is the graph's Laplacian."""

    def spread(flows: Float) -> Float:
        first = np.stack([np.bincount(pairs[:, 0], one, len(moves)) for one in flows.T], axis=1)
        second = np.stack([np.bincount(pairs[:, 1], one, len(moves)) for one in flows.T], axis=1)
        return np.asarray(second - first, np.float64)

    def apply(positions: Float) -> Float:
        stretch = positions[pairs[:, 1]] - positions[pairs[:, 0]]
        return spread(stretch * weights[:, None]) + OWN_WEIGHT * positions

    wanted = spread(offsets_um * weights[:, None])
    rest = wanted - apply(moves)
    way, power = rest, float((rest**2).sum())
    enough = CLOSE_ENOUGH**2 * max(float((wanted**2).sum()), 1e-12)
    for _ in range(MOST_STEPS):
        if power <= enough:
            break
        pulled = apply(way)
        step = power / float((way * pulled).sum())
        moves = moves + step * way
        rest = rest - step * pulled
        before, power = power, float((rest**2).sum())
        way = rest + power / before * way
    return moves
