"""Measure the known answer of a drawn tile, and compare with it what was found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.vision.measure import outline


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the chip on a grid of pixels.

    Attributes
    ----------
    left_um, top_um : float
        The outer corner of the first pixel.
    um_per_px : float
    width_px, height_px : int
    """

    left_um: float
    top_um: float
    um_per_px: float
    width_px: int
    height_px: int

    def to_um(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chip coordinates of pixel coordinates, (n, 2)."""
        return points_px * self.um_per_px + (self.left_um, self.top_um)

    def to_px(self, points_um: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel coordinates of chip coordinates, (n, 2)."""
        return (points_um - (self.left_um, self.top_um)) / self.um_per_px


@dataclass(frozen=True, slots=True, eq=False)
class TrueFlake:
    """A graphene flake that is really there.

    Attributes
    ----------
    number : int
        Its value in a tile's instance map.
    polygon_um : (n, 2) float64
        Outline of its largest open part.
    centre_um : (x, y)
        Centre of mass of what lies open.
    touches_border : bool
        Cut by the edge of the window on which it was measured.
    """

    number: int
    layers: int
    area_um2: float
    centre_um: tuple[float, float]
    polygon_um: NDArray[np.float64]
    touches_border: bool


def find_flakes(
    instances: NDArray[np.uint16], layers: NDArray[np.uint16], window: Window
) -> list[TrueFlake]:
    """Measure every flake of an instance map, in the order of the numbers.

    Parameters
    ----------
    instances : (height, width) uint16
        Number of the flake at each pixel, 0 where there is none.
    layers : (height, width) uint16
        Layers of carbon at each pixel.
    """
    rows, columns = np.nonzero(instances)
    numbers = instances[rows, columns]
    order = np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers[order], return_index=True)
    # Of an empty map numpy splits one empty group, which `found` does not have.
    groups = np.split(order, starts[1:])
    return [
        _measure(number, layers, window, (rows[group], columns[group]))
        for number, group in zip(found.tolist(), groups, strict=False)
    ]


def _measure(
    number: int,
    layers: NDArray[np.uint16],
    window: Window,
    pixels: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> TrueFlake:
    rows, columns = pixels
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), np.bool_)
    mask[rows - top, columns - left] = True
    height, width = layers.shape
    centre = window.to_um(np.array([[columns.mean() + 0.5, rows.mean() + 0.5]]))[0]
    return TrueFlake(
        number=number,
        layers=int(layers[rows[0], columns[0]]),
        area_um2=len(rows) * window.um_per_px**2,
        centre_um=(float(centre[0]), float(centre[1])),
        polygon_um=window.to_um(outline(mask) + (left, top)),
        touches_border=bool(
            top == 0 or left == 0 or rows.max() == height - 1 or columns.max() == width - 1
        ),
    )


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
