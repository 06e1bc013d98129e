"""A chip to draw: films with sharp edges, dirt with soft ones, in micrometres from its corner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.shapes import Polygon, fill
from service.render.truth import TrueFlake

# More layers than four are no graphene flake in this project's sense (DATA: 1-4 layers).
MOST_GRAPHENE_LAYERS = 4

Material = Literal["carbon", "gold", "hbn", "tmd"]


@dataclass(frozen=True, slots=True)
class Film:
    """Film that covers the substrate.

    Attributes
    ----------
    layers : int
        Atomic layers; 0 layers of carbon is the bare substrate, gold has no number.
    """

    material: Material
    layers: int = 0


BARE = Film("carbon", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A film with a sharp edge. Later patches cover earlier ones.

    Attributes
    ----------
    flake : int
        Number of the graphene flake this is, from 1; 0 for everything else.
    """

    polygon_um: Polygon
    film: Film
    flake: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Residue:
    """Transparent glue of the tape, or what a drop left behind.

    Attributes
    ----------
    thickness_nm : float
        In its middle.
    softness_um : float
        Width of its edge; small is steep.
    waves : (k, 4) float64
        Unevenness, as waves (kx, ky in rad/um, phase, amplitude as part of the thickness).
    """

    polygon_um: Polygon
    thickness_nm: float
    softness_um: float
    waves: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Speck:
    """A round soft spot: dust, a droplet, a pinhole.

    Attributes
    ----------
    radius_um : float
        Where the effect has fallen to 1/e.
    effect : float
        Change of the brightness in its middle: -1 is black, 1 twice as bright.
    residue_nm : float
        Glue in its middle, for droplets; its colour comes from interference.
    """

    x_um: float
    y_um: float
    radius_um: float
    effect: float = 0.0
    residue_nm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A thin line: a scratch, a wrinkle, a thread of glue.

    Attributes
    ----------
    points_um : (n, 2) float64
    effect, residue_nm
        As in `Speck`.
    """

    points_um: NDArray[np.float64]
    width_um: float
    effect: float = 0.0
    residue_nm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """Everything that lies on a piece of a chip; x and y run from 0 to its size.

    Attributes
    ----------
    patches : list of Patch
        In the order in which they cover each other.
    flakes : list of TrueFlake
        The graphene flakes of 1 to 4 layers as they lie open, uncut by any tile.
    """

    width_um: float
    height_um: float
    oxide_nm: float
    patches: list[Patch]
    residues: list[Residue]
    specks: list[Speck]
    lines: list[Line]
    flakes: list[TrueFlake]


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of chip. Beside each number stands the range that real chips show.

    Attributes
    ----------
    width_um, height_um : float
        Size of the drawn piece.
    foreign : {"hbn", "tmd"} or None
        Instead of graphene the chip holds flakes of this: nothing on it is a positive.
    """

    width_um: float = 1000.0
    height_um: float = 750.0
    oxide_nm: float = 90.0  # 70 to 320; 90 and 285 are the common ones
    families_per_mm2: float = 15.0  # 0 to 60; groups of thin flakes that tore from one crystal
    flake_um: tuple[float, float] = (10.0, 60.0)  # 3 to 150; longest side
    crystals_per_mm2: float = 200.0  # 10 to 500; thick graphite
    crystal_um: tuple[float, float] = (3.0, 70.0)  # 2 to 200; small ones are the most
    fragments_per_mm2: float = 1200.0  # 50 to 3000; crumbs of graphite, in trails and clouds
    residue_per_mm2: float = 40.0  # 0 to 150; blobs, threads and rings of glue
    stains_per_mm2: float = 8.0  # 0 to 30; faint films with soft edges
    dust_per_mm2: float = 200.0  # 0 to 1000
    scratches_per_mm2: float = 6.0  # 0 to 40
    gold_pitch_um: float | None = None  # 150 to 500; distance of lettered marks
    foreign: Literal["hbn", "tmd"] | None = None


# A crowded chip has no place left for a large flake: after this many tries it is left out.
TRIES = 40
CELL_UM = 1.0
# Neighbours closer than an objective can tell apart would be one thing on the image.
GAP_UM = 1.5


class Space:
    """Map of a chip's ground taken by things that must stay uncovered."""

    def __init__(self, rng: Generator, width_um: float, height_um: float) -> None:
        self._rng = rng
        self._size_um = np.array([width_um, height_um])
        width, height = np.ceil(self._size_um / CELL_UM).astype(int).tolist()
        self._taken: NDArray[np.bool_] = np.zeros((height, width), np.bool_)

    def anywhere(self) -> NDArray[np.float64]:
        """Choose a random point (x, y), taken or not."""
        return np.asarray(self._rng.uniform((0, 0), self._size_um), np.float64)

    def find(self, polygons: Sequence[Polygon]) -> NDArray[np.float64] | None:
        """Find a shift (x, y) that puts polygons on free ground in the chip; None without room."""
        corners = np.concatenate(polygons)
        low, high = -corners.min(axis=0), self._size_um - corners.max(axis=0)
        if bool(np.any(low >= high)):
            return None
        for _ in range(TRIES):
            shift = np.asarray(self._rng.uniform(low, high), np.float64)
            if all(self.is_free(polygon + shift) for polygon in polygons):
                return shift
        return None

    def is_free(self, polygon: Polygon) -> bool:
        """Tell whether a polygon lies on nothing that is taken."""
        filled = self._fill(polygon)
        return filled is None or not self._taken[filled[0]][filled[1]].any()

    def take(self, polygon: Polygon) -> None:
        """Keep what comes later away from a polygon."""
        filled = self._fill(polygon)
        if filled is not None:
            self._taken[filled[0]] |= filled[1]

    def _fill(self, polygon: Polygon) -> tuple[tuple[slice, slice], NDArray[np.bool_]] | None:
        middle = polygon.mean(axis=0)
        outward = polygon - middle
        distance = np.maximum(np.hypot(*outward.T), 1e-6)[:, None]
        wider = middle + outward * (1 + GAP_UM / distance)
        height, width = self._taken.shape
        filled = fill(wider / CELL_UM, width, height)
        return None if filled is None else (filled.where, filled.mask)
