"""Compare what was found with what is there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.render.truth import TrueFlake

# A found flake is the true one if its centre lies within half a flake's size of the true centre,
# which for the smallest is little more than what merging tiles may shift,
LEAST_REACH_UM = 3.0
# and if its area is neither half nor twice: then it is another terrace or a part of it.
AREA_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class FoundFlake:
    """A flake as the service reports it."""

    centre_um: tuple[float, float]
    area_um2: float
    layers: int | None
    p_graphene: float


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A true flake and what was found there."""

    true: TrueFlake
    found: FoundFlake
    distance_um: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Every true flake and every found one, each exactly once.

    Attributes
    ----------
    matches : list of Match
        The largest true flake first.
    missed : list of TrueFlake
    false : list of FoundFlake
        Nothing true lies there.
    """

    matches: list[Match]
    missed: list[TrueFlake]
    false: list[FoundFlake]


def compare(true: Sequence[TrueFlake], found: Sequence[FoundFlake]) -> Comparison:
    """Pair each true flake with at most one found flake, the closest pairs first."""
    pairs = [
        (distance, here, there)
        for here, flake in enumerate(true)
        for there, other in enumerate(found)
        if (distance := _distance_um(flake, other)) <= _reach_um(flake)
        and 1 / AREA_FACTOR < other.area_um2 / flake.area_um2 < AREA_FACTOR
    ]
    taken_true: set[int] = set()
    taken_found: set[int] = set()
    matches: list[Match] = []
    for distance, here, there in sorted(pairs):
        if here not in taken_true and there not in taken_found:
            taken_true.add(here)
            taken_found.add(there)
            matches.append(Match(true[here], found[there], distance))
    return Comparison(
        matches=sorted(matches, key=lambda match: -match.true.area_um2),
        missed=[flake for here, flake in enumerate(true) if here not in taken_true],
        false=[flake for there, flake in enumerate(found) if there not in taken_found],
    )


def _distance_um(true: TrueFlake, found: FoundFlake) -> float:
    return math.dist(true.centre_um, found.centre_um)


def _reach_um(true: TrueFlake) -> float:
    return max(LEAST_REACH_UM, 0.5 * math.sqrt(true.area_um2))
