"""A chip: films with sharp edges and dirt with soft ones, in micrometres from its corner."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.render.shapes import Polygon
from service.render.truth import TrueFlake

# More layers than four are no graphene flake in this project's sense (DATA: 1-4 layers).
MOST_GRAPHENE_LAYERS = 4

Material = Literal["carbon", "gold", "hbn", "tmd"]


@dataclass(frozen=True, slots=True)
class Film:
    """What covers the substrate.

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
