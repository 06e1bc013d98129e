"""Judge whether images lie as positions say, and fit the positions that agree best."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.vision.stage import orient

Float = NDArray[np.float64]
Verdict = Literal["agree", "contradict", "unknown"]

# An image may lie off its position by this share of the way to its neighbour: a poor stage errs by
# some um in some hundred, a wrong orientation by the whole way, a wrong objective by a third.
MOST_OFF = 0.05
# Fewer pairs may look alike by chance.
ENOUGH_PAIRS = 3
# Share of the measured pairs that have to agree: single ones may be mistaken, but with one axis
# turned half of them agree.
MOST_PAIRS = 0.6
# Another orientation is not named where the next one explains more than this share as many.
NEXT_SHARE = 0.75
# Nothing explains what the images show: then hardly any pair may agree.
HARDLY_ANY = 0.3
# Wrong scales are sought this far, as of one objective for another of the same camera.
LARGEST_SCALE = 12.0

# The order of (flip_x, flip_y, swap_xy), and what each does to a way in pixels.
FLIPS = tuple(product((False, True), repeat=3))
TURNS = tuple(orient(1.0, flip_x=x, flip_y=y, swap_xy=swap)[:, :2] for x, y, swap in FLIPS)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Tiles in pairs: where the second stands from the first, and where its image lies.

    Attributes
    ----------
    ways_um : (n, 2) float64
        By the positions.
    shifts_px : (n, 2) float64
        By the images, in pixels of the first.
    """

    ways_um: Float
    shifts_px: Float


@dataclass(frozen=True, slots=True, eq=False)
class Better:
    """Better orientation or scale, with which images and positions would agree.

    Attributes
    ----------
    affine : (2, 2) float64
        From a way in pixels to one in um.
    scale : float
        That of the affine beside the scan's own, 1 where only the orientation is another.
    share : float
        Of the measured pairs, those that then agree; both directions count alike.
    """

    affine: Float
    scale: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Agreement of images with positions: verdict, share, offset, and what would be better.

    Attributes
    ----------
    measured : int
        Pairs whose images show where they lie.
    share : float or None
        Of those, the ones whose image lies where its position says. Neighbours along x and along
        y count alike, however many they are.
    offset_um : float or None
        Median distance between where images lie and where their positions say; where they do not
        agree, of those that do not.
    better : Better or None
        What agrees where this does not, if one thing does clearly.
    """

    verdict: Verdict
    measured: int
    share: float | None
    offset_um: float | None
    better: Better | None


def judge(pairs: Pairs, affine: Float, compared: int) -> Agreement:
    """Judge whether pairs of images lie as their positions say.

    Parameters
    ----------
    affine : (2, 2) float64
        From a way in pixels to one in um, as the scan has it.
    compared : int
        Pairs that were looked at; of most of them the place has to be known for a contradiction
        that nothing explains.
    """
    measured = len(pairs.ways_um)
    if measured == 0:
        return Agreement("unknown", 0, None, None, None)
    offsets = np.hypot(*offsets_um(pairs, affine).T)
    agreeing = _agreeing(pairs, affine)
    share = _share(pairs, agreeing)
    if measured < ENOUGH_PAIRS:
        return Agreement("unknown", measured, share, float(np.median(offsets)), None)
    if share >= MOST_PAIRS:
        return Agreement("agree", measured, share, float(np.median(offsets)), None)
    offset_um = float(np.median(offsets[~agreeing]))
    better = _better(pairs, affine)
    sure = better is not None or (share <= HARDLY_ANY and measured >= MOST_PAIRS * compared)
    return Agreement("contradict" if sure else "unknown", measured, share, offset_um, better)


def offsets_um(pairs: Pairs, affine: Float) -> Float:
    """Compute how far each second image lies from its position, (n, 2) um."""
    return pairs.shifts_px @ affine.T - pairs.ways_um


def _agreeing(pairs: Pairs, affine: Float) -> NDArray[np.bool_]:
    off = np.hypot(*offsets_um(pairs, affine).T)
    return np.asarray(off <= MOST_OFF * np.hypot(*pairs.ways_um.T))


def _share(pairs: Pairs, agreeing: NDArray[np.bool_]) -> float:
    along_x = abs(pairs.ways_um[:, 0]) > abs(pairs.ways_um[:, 1])
    kinds = [agreeing[kind].mean() for kind in (along_x, ~along_x) if kind.any()]
    return float(np.mean(kinds))


def _better(pairs: Pairs, affine: Float) -> Better | None:
    """Find the one orientation, at the scan's scale or another, with which most pairs agree."""
    scales = [1.0, _scale(pairs, affine)]
    found = [
        (_share(pairs, _agreeing(pairs, scale * affine @ turn)), -index, turn, scale)
        for turn in TURNS
        for index, scale in enumerate(scales)
    ]
    best = max(found, key=lambda one: one[:2])
    others = [one[0] for one in found if one[2] is not best[2]]
    share, _, turn, scale = best
    if share < MOST_PAIRS or max(others) > NEXT_SHARE * share:
        return None
    if share * len(pairs.ways_um) < ENOUGH_PAIRS:
        return None
    return Better(scale * affine @ turn, scale, share)


def _scale(pairs: Pairs, affine: Float) -> float:
    """Estimate how much longer the ways are than the images say, whatever their direction."""
    ways = np.hypot(*pairs.ways_um.T)
    seen = np.maximum(np.hypot(*(pairs.shifts_px @ affine.T).T), 1e-9)
    return float(np.clip(np.median(ways / seen), 1 / LARGEST_SCALE, LARGEST_SCALE))


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
    """Compute how far each of `count` tiles has to move, (count, 2) um.

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
