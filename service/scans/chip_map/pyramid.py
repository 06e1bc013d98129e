"""Pyramid: the squares of a map at each zoom. Pure.

They stay where they are while a scan grows: the finest zoom has the scale of the first tile, and
corners are multiples of the coarsest square.
"""

from dataclasses import dataclass
from math import ceil, floor, log2

SQUARE_PX = 256
# 0.4 um/px then reaches 1.6 m in one square, so that hardly any scan outgrows its pyramid.
_LEAST_ZOOM = 14

Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Zooms and squares; lengths are in the map's unit.

    Attributes
    ----------
    origin : (x, y)
        Top left corner of the squares (0, 0).
    resolutions : tuple of float
        Unit per pixel, coarse to fine.
    min_zoom : int
        The finest at which all fits into the length of a square.
    """

    origin: tuple[float, float]
    resolutions: tuple[float, ...]
    min_zoom: int

    @property
    def max_zoom(self) -> int:
        """The finest."""
        return len(self.resolutions) - 1

    def corner(self, zoom: int, x: int, y: int) -> tuple[float, float]:
        """Top left corner of a square on the map."""
        side = SQUARE_PX * self.resolutions[zoom]
        return self.origin[0] + x * side, self.origin[1] + y * side


def build_pyramid(extent: Extent, unit_per_px: float) -> Pyramid:
    """The pyramid of a map that reaches so far, 1:1 at the scale of its tiles."""
    left, top, right, bottom = extent
    fits = max(0, ceil(log2(max(right - left, bottom - top) / (SQUARE_PX * unit_per_px))))
    deepest = max(_LEAST_ZOOM, fits)
    side = SQUARE_PX * unit_per_px * 2**deepest
    return Pyramid(
        origin=(floor(left / side) * side, floor(top / side) * side),
        resolutions=tuple(unit_per_px * 2.0 ** (deepest - zoom) for zoom in range(deepest + 1)),
        min_zoom=deepest - fits,
    )
