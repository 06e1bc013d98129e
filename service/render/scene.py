"""What lies on a chip: how many of what, and how large."""

from dataclasses import dataclass
from typing import Literal


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
