"""Random varied tiles, for a network that shall not care about lamp, camera or substrate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
from numpy.random import Generator

from service.optics.camera import Band, Camera, Lamp, reflectance_rgb
from service.render.chip import Scene
from service.render.compose import make_chip
from service.render.photograph import Optics
from service.render.scan import RenderedTile, render_tile

Range = tuple[float, float]
# A red cast on 285 nm, the strongest seen, has a third as much green and blue as red.
DARKEST_CHANNEL = 0.25
# The chip goes on beyond the tile by this part of itself on each side.
MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class Variety:
    """Variety of rendered tiles: each property within (lowest, highest).

    Attributes
    ----------
    oxide_nm : sequence of Range
        One of these, then a thickness within it.
    flake_px : Range
        Longest side of a family of flakes.
    families, crystals, fragments, residues, stains, dust, scratches : Range
        Number on the chip around a tile.
    foreign_share, gold_share : float
        Part of the tiles with another material instead of graphene, and with gold marks.
    """

    # Half of all labs have 90 or 285 nm; the rest keeps the network from learning just two colours.
    oxide_nm: Sequence[Range] = ((80, 100), (270, 300), (70, 320))
    um_per_px: Range = (0.08, 0.42)
    flake_px: Range = (16, 260)
    families: Range = (1, 20)
    crystals: Range = (2, 40)
    fragments: Range = (5, 250)
    residues: Range = (0, 10)
    stains: Range = (0, 3)
    dust: Range = (0, 50)
    scratches: Range = (0, 4)
    foreign_share: float = 0.12
    gold_share: float = 0.15
    red_nm: Range = (595, 640)
    green_nm: Range = (525, 550)
    blue_nm: Range = (450, 475)
    numerical_aperture: Range = (0.2, 0.75)
    gamma: Range = (0.45, 1.0)
    bare_level: Range = (0.22, 0.7)
    # The white balance makes the substrate this grey (1) or leaves it its colour (0), give or take.
    greyed: Range = (0.2, 1.0)
    gain: Range = (0.75, 1.35)
    saturation: Range = (1.0, 1.5)
    white_level: Range = (0.65, 1.0)
    vignette: Range = (0.0, 0.4)
    gradient: Range = (-0.12, 0.12)
    blur_px: Range = (0.5, 2.6)
    flare: Range = (0.0, 0.05)
    electrons: Range = (4_000, 60_000)
    jpeg_quality: Range = (78, 98)


def random_tile(
    rng: Generator, width_px: int = 1024, height_px: int = 768, variety: Variety | None = None
) -> RenderedTile:
    """Render a tile of a chip of its own, under random optics, with its known answer."""
    variety = variety or Variety()
    oxide_nm = _within(rng, variety.oxide_nm[int(rng.integers(len(variety.oxide_nm)))])
    optics = random_optics(rng, oxide_nm, (width_px, height_px), variety)
    scene = random_scene(rng, oxide_nm, optics, variety)
    corner = (scene.width_um * MARGIN, scene.height_um * MARGIN)
    return render_tile(make_chip(scene, rng), optics, corner, rng)


def random_scene(rng: Generator, oxide_nm: float, optics: Optics, variety: Variety) -> Scene:
    """Make a chip somewhat larger than a tile, so that the tile cuts what lies at its border."""
    share = 1 - 2 * MARGIN
    width = optics.width_px * optics.um_per_px / share
    height = optics.height_px * optics.um_per_px / share
    area_mm2 = width * height / 1e6

    def density(number: Range) -> float:
        # Squared: most tiles are rather empty and some are crowded, as on real chips.
        low, high = number
        return (low + (high - low) * rng.random() ** 2) / area_mm2

    smallest, largest = (side * optics.um_per_px for side in variety.flake_px)
    return Scene(
        width_um=width,
        height_um=height,
        oxide_nm=oxide_nm,
        families_per_mm2=density(variety.families),
        flake_um=(smallest, largest),
        crystals_per_mm2=density(variety.crystals),
        crystal_um=(smallest / 2, largest * 1.3),
        fragments_per_mm2=density(variety.fragments),
        residue_per_mm2=density(variety.residues),
        stains_per_mm2=density(variety.stains),
        dust_per_mm2=density(variety.dust),
        scratches_per_mm2=density(variety.scratches),
        gold_pitch_um=width / 2 if rng.random() < variety.gold_share else None,
        foreign=_foreign(rng, variety.foreign_share),
    )


def random_optics(
    rng: Generator, oxide_nm: float, size_px: tuple[int, int], variety: Variety
) -> Optics:
    """Choose a microscope and its settings, as somebody would set them for this substrate."""
    um_per_px = float(np.exp(_within(rng, tuple(np.log(variety.um_per_px).tolist()))))
    camera = _camera(rng, variety)
    gains, saturation = _white_balance(rng, oxide_nm, camera, variety)
    vignette = _within(rng, variety.vignette) * rng.random()
    centre_x, centre_y = rng.uniform(0.35, 0.65, 2).tolist()
    gradient_x, gradient_y = (rng.uniform(*variety.gradient, 2) * rng.random()).tolist()
    return Optics(
        camera=camera,
        um_per_px=um_per_px,
        width_px=size_px[0],
        height_px=size_px[1],
        bare_level=_within(rng, variety.bare_level),
        gains_rgb=gains,
        saturation=saturation,
        white_level=_within(rng, variety.white_level),
        vignette=vignette,
        vignette_tint=float(rng.uniform(-0.3, 0.3)),
        vignette_centre=(centre_x, centre_y),
        gradient=(gradient_x, gradient_y),
        blur_um=_within(rng, variety.blur_px) * um_per_px,
        blue_blur=float(rng.uniform(1, 1.8)),
        flare=_within(rng, variety.flare),
        flare_um=float(rng.uniform(1, 5)),
        electrons=_within(rng, variety.electrons),
        read_noise=float(rng.uniform(0.0005, 0.005)),
        grain_px=float(rng.uniform(0.3, 0.9)),
        jpeg_quality=int(_within(rng, variety.jpeg_quality)) if rng.random() < 0.6 else None,
        sensor_dust=int(rng.integers(13)) if rng.random() < 0.3 else 0,
    )


def _camera(rng: Generator, variety: Variety) -> Camera:
    red, green, blue = (
        Band(_within(rng, centre), float(rng.uniform(50, 100)))
        for centre in (variety.red_nm, variety.green_nm, variety.blue_nm)
    )
    return Camera(
        red=red,
        green=green,
        blue=blue,
        lamp=cast(Lamp, str(rng.choice(["white_led", "halogen"]))),
        infrared_cut_nm=float(rng.uniform(650, 710)),
        numerical_aperture=_within(rng, variety.numerical_aperture),
        # Most scientific cameras are linear.
        gamma=_within(rng, variety.gamma) if rng.random() < 0.4 else 1.0,
    )


def _white_balance(
    rng: Generator, oxide_nm: float, camera: Camera, variety: Variety
) -> tuple[tuple[float, float, float], float]:
    """Gains and saturation that leave every channel some light of the substrate."""
    bare = reflectance_rgb(0, oxide_nm, replace(camera, gamma=1.0))[0]
    gains = bare ** -_within(rng, variety.greyed) * rng.uniform(*variety.gain, 3)
    red, green, blue = (gains / gains.mean()).tolist()
    # Half of all acquisition software saves the sensor's own colours.
    saturation = _within(rng, variety.saturation) if rng.random() < 0.5 else 1.0
    balanced = bare * gains
    spread = balanced.mean() + saturation * (balanced - balanced.mean())
    if spread.min() < DARKEST_CHANNEL * spread.max():
        saturation = 1.0
    return (red, green, blue), saturation


def _foreign(rng: Generator, share: float) -> Literal["hbn", "tmd"] | None:
    if rng.random() >= share:
        return None
    return "hbn" if rng.random() < 0.5 else "tmd"


def _within(rng: Generator, limits: Range) -> float:
    return float(rng.uniform(*limits))
