"""Neighbours: pairs of tiles that stand beside each other, by their positions. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, hypot

# So far apart, in sides of a tile, a neighbour may stand: farther than where tiles abut, as the
# scale may be wrong too.
FARTHEST = 1.6
# Closer ones are the same place taken twice: they tell nothing of directions.
NEAREST = 0.1

Point = tuple[float, float]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs of places, as indices: beside each other along x, and along y."""

    along_x: list[Pair]
    along_y: list[Pair]

    def sample(self, most: int) -> list[Pair]:
        """At most so many, evenly spread, as many of each kind as there are."""
        half = most // 2
        return [
            *_spread(self.along_x, max(half, most - len(self.along_y))),
            *_spread(self.along_y, max(half, most - len(self.along_x))),
        ]


def find_neighbours(places: Sequence[Point], side_um: float) -> Neighbours:
    """For each place the nearest one to its right and the nearest one above, where there is one.

    Parameters
    ----------
    side_um : float
        The longer side of a tile.
    """
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (x, y) in enumerate(places):
        cells[floor(x / side_um), floor(y / side_um)].append(index)
    found = Neighbours([], [])
    for index, (x, y) in enumerate(places):
        around = [(other, places[other]) for other in _around(cells, (x, y), side_um)]
        ways = [(other, other_x - x, other_y - y) for other, (other_x, other_y) in around]
        right = _nearest([(along, across, other) for other, along, across in ways], side_um)
        above = _nearest([(along, across, other) for other, across, along in ways], side_um)
        if right is not None:
            found.along_x.append((index, right))
        if above is not None:
            found.along_y.append((index, above))
    return found


def _nearest(ways: list[tuple[float, float, int]], side_um: float) -> int | None:
    """The nearest that stands more along than across."""
    near = [
        (hypot(along, across), other)
        for along, across, other in ways
        if NEAREST * side_um <= along <= FARTHEST * side_um and abs(across) <= along
    ]
    return min(near)[1] if near else None


def _around(cells: dict[tuple[int, int], list[int]], place: Point, side_um: float) -> list[int]:
    column, row = floor(place[0] / side_um), floor(place[1] / side_um)
    # The right and the upper neighbour, up to 1.6 sides away.
    return [
        index
        for x in range(column - 1, column + 3)
        for y in range(row - 1, row + 3)
        for index in cells.get((x, y), ())
    ]


def _spread(pairs: list[Pair], most: int) -> list[Pair]:
    if len(pairs) <= most:
        return pairs
    return [pairs[index * len(pairs) // most] for index in range(most)]
