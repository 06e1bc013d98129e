"""The known answer: which flakes lie where, measured on a map of their numbers."""

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
