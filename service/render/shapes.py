"""Draw shapes in micrometres, cleaved or flowing, and fill polygons on a grid of pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Polygon = NDArray[np.float64]

# Graphite tears along its armchair and zigzag directions, which lie 30 degrees apart.
CRYSTAL_STEP_RAD = np.pi / 6


def shard(rng: Generator, length_um: float, elongation: float, roughness: float = 0.03) -> Polygon:
    """Make a cleaved crystal around (0, 0): mostly straight edges near the crystal's axes.

    Parameters
    ----------
    length_um : float
        Longest extent.
    elongation : float
        Length over width, 1 or more.
    roughness : float
        Of the torn edges, as in `tear`.
    """
    axis = rng.uniform(0, 2 * np.pi)
    half = np.array([length_um, length_um / elongation]) / 2
    polygon = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    for _ in range(rng.integers(3, 8)):
        angle = CRYSTAL_STEP_RAD * rng.integers(12) + rng.normal(0, 0.15)
        normal = np.array([np.cos(angle), np.sin(angle)])
        reach = float(np.abs(normal) @ half)
        polygon = clip(polygon, normal, reach * rng.uniform(0.4, 1))
    return rotate(tear(rng, polygon, roughness), axis)


def strip(rng: Generator, length_um: float, width_um: float) -> Polygon:
    """Make a ribbon around (0, 0) that narrows to one end, as tape pulls it off."""
    half, start, end = length_um / 2, width_um / 2, width_um / 2 * rng.uniform(0.1, 1)
    slant = rng.uniform(-1, 1, 2) * width_um
    bow = rng.normal(0, 0.03) * length_um
    polygon = np.array(
        [
            [-half + slant[0], -start],
            [0, bow - (start + end) / 2],
            [half + slant[1], -end],
            [half, end],
            [0, bow + (start + end) / 2],
            [-half, start],
        ]
    )
    return tear(rng, polygon, 0.01)


def blob(rng: Generator, radius_um: float, irregularity: float) -> Polygon:
    """Make a closed curve around (0, 0) without corners: a droplet (0) to a ragged stain (1)."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.ones_like(turn)
    for wave in range(2, 9):
        size = irregularity * rng.normal(0, 0.45) / wave
        radius += size * np.cos(wave * turn + rng.uniform(0, 2 * np.pi))
    radius = radius_um * np.maximum(radius, 0.15)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def disc(radius_um: float) -> Polygon:
    """Make a circle around (0, 0)."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return radius_um * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def clip(polygon: Polygon, normal: NDArray[np.float64], reach: float) -> Polygon:
    """Clip a polygon to where `point @ normal <= reach`; (0, 2) where nothing is left.

    Sutherland and Hodgman, Commun. ACM 17 (1974) 32, for one half-plane.
    """
    if len(polygon) == 0:
        return polygon
    height = polygon @ normal - reach
    kept: list[NDArray[np.float64]] = []
    for here, (a, b) in enumerate(zip(polygon, np.roll(polygon, -1, axis=0), strict=True)):
        over, over_next = height[here], height[(here + 1) % len(polygon)]
        if over <= 0:
            kept.append(a)
        if (over <= 0) != (over_next <= 0):
            kept.append(a + (b - a) * (over / (over - over_next)))
    return np.array(kept).reshape(-1, 2)


def split(polygon: Polygon, angle_rad: float, at: float) -> tuple[Polygon, Polygon]:
    """Both parts of a polygon on the sides of a line.

    `at` places the line from the polygon's one end (0) to the other (1) along its normal.
    """
    normal = np.array([np.cos(angle_rad), np.sin(angle_rad)])
    height = polygon @ normal
    reach = float(height.min() + at * (height.max() - height.min()))
    return clip(polygon, normal, reach), clip(polygon, -normal, -reach)


def shatter(rng: Generator, polygon: Polygon, pieces: int, gap_um: float) -> list[Polygon]:
    """Pieces of a polygon that broke apart, with bare gaps between them."""
    parts = [polygon]
    while len(parts) < pieces:
        parts.sort(key=area_um2)
        angle = rng.uniform(0, np.pi)
        normal = np.array([np.cos(angle), np.sin(angle)])
        one, other = split(parts.pop(), angle, rng.uniform(0.3, 0.7))
        shift = normal * gap_um * rng.uniform(0.25, 0.75)
        parts += [one - shift, other + shift]
    return [part for part in parts if len(part) > 2]


def tear(rng: Generator, polygon: Polygon, roughness: float) -> Polygon:
    """Tear some edges of a polygon in irregular steps, and bend some like broken glass.

    `roughness` is the depth of the steps as part of the edge's length.
    """
    points: list[NDArray[np.float64]] = []
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        points.append(a)
        kind = rng.choice(3, p=(0.45, 0.35, 0.2))
        if kind == 0:
            continue
        along = np.sort(rng.uniform(0.03, 0.97, rng.integers(4, 12)))
        if kind == 1:
            # A walk that comes back: large notches with small ones on them.
            walk = np.cumsum(rng.normal(0, roughness, len(along)))
            depth = walk - along * walk[-1]
        else:
            depth = rng.normal(0, 0.3) * along * (1 - along)
        across = np.array([a[1] - b[1], b[0] - a[0]])
        points += list(a + (b - a) * along[:, None] + across * depth[:, None])
    return np.array(points).reshape(-1, 2)


def rotate(polygon: Polygon, angle_rad: float) -> Polygon:
    """Rotate a polygon about (0, 0)."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.asarray(polygon @ np.array([[cos, sin], [-sin, cos]]), np.float64)


def area_um2(polygon: Polygon) -> float:
    """Area by the shoelace formula."""
    x, y = polygon.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def reach_um(polygon: Polygon) -> float:
    """Largest distance of a corner from (0, 0)."""
    return float(np.hypot(*polygon.T).max())


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A filled polygon: `mask` lies at (x, y) of the grid."""

    x: int
    y: int
    mask: NDArray[np.bool_]

    @property
    def where(self) -> tuple[slice, slice]:
        """Index of the mask's rectangle in the grid."""
        height, width = self.mask.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


def fill(polygon_px: Polygon, width_px: int, height_px: int) -> Filled | None:
    """Fill a polygon by the even-odd rule; None where it covers no pixel of the grid.

    cv2.fillPoly also paints the outline, which makes a flake of 300 px some 6 % too large.
    """
    left, top = np.floor(polygon_px.min(axis=0)).astype(int)
    right, bottom = np.ceil(polygon_px.max(axis=0)).astype(int)
    left, top = max(int(left), 0), max(int(top), 0)
    right, bottom = min(int(right), width_px), min(int(bottom), height_px)
    if left >= right or top >= bottom:
        return None
    x, y = polygon_px.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    centres = np.arange(top, bottom)[:, None] + 0.5
    row, edge = np.nonzero((y <= centres) != (next_y <= centres))
    slope = (next_x[edge] - x[edge]) / (next_y[edge] - y[edge])
    crossing = x[edge] + (centres[row, 0] - y[edge]) * slope
    # The first pixel whose centre lies right of the crossing changes sides, and all after it.
    column = np.clip(np.ceil(crossing - 0.5), left, right).astype(np.intp) - left
    changes = np.zeros((bottom - top, right - left + 1), np.uint8)
    np.add.at(changes, (row, column), 1)
    mask = (np.cumsum(changes[:, :-1], axis=1, dtype=np.uint8) & 1).astype(np.bool_)
    return Filled(left, top, mask) if mask.any() else None
