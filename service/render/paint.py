"""Paint a window of a chip as a perfect camera would see it, with the known answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.optics.camera import Camera
from service.render.chip import BARE, MOST_GRAPHENE_LAYERS, Chip, Film, Patch
from service.render.colours import GLUE_STEP_NM, film_colours, glue_factors
from service.render.dirt import Soil, lay_soil
from service.render.shapes import Filled, Polygon, fill
from service.render.truth import Window

# Steps higher than this throw so much light aside that the objective sees a dark outline.
OUTLINED_FROM_LAYERS = 8
# As wide as the blur of an objective: nothing narrower is ever seen.
OUTLINE_UM = 0.35
# OpenCV draws at fractions of a pixel when told how many bits of a number are the fraction.
FRACTION_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Content of each pixel of a window, (height, width).

    Attributes
    ----------
    palette : list of Film
        `film` indexes it.
    film : uint16
    instances : uint16
        Number of the flake, 0 where there is none.
    outline : uint8
        Darkness of the outlines of thick films, 255 is the darkest.
    """

    palette: list[Film]
    film: NDArray[np.uint16]
    instances: NDArray[np.uint16]
    outline: NDArray[np.uint8]

    def layers(self, every: int = 1) -> NDArray[np.uint16]:
        """Layers of carbon at every so many pixels, from the middle of the first; 0 without."""
        numbers = [film.layers if film.material == "carbon" else 0 for film in self.palette]
        return np.array(numbers, np.uint16)[self.film[every // 2 :: every, every // 2 :: every]]


def lay(patches: Sequence[Patch], window: Window) -> Laid:
    """Lay patches over each other, the later above."""
    shape = (window.height_px, window.width_px)
    laid = Laid(
        [BARE], np.zeros(shape, np.uint16), np.zeros(shape, np.uint16), np.zeros(shape, np.uint8)
    )
    numbers = {BARE: 0}
    for patch in patches:
        polygon_px = window.to_px(patch.polygon_um)
        filled = fill(polygon_px, window.width_px, window.height_px)
        if filled is None:
            continue
        if patch.film not in numbers:
            numbers[patch.film] = len(laid.palette)
            laid.palette.append(patch.film)
        laid.film[filled.where][filled.mask] = numbers[patch.film]
        laid.instances[filled.where][filled.mask] = patch.flake
        _outline(laid.outline, filled, polygon_px, patch.film, window.um_per_px)
    return laid


def _outline(
    outline: NDArray[np.uint8], filled: Filled, polygon_px: Polygon, film: Film, um_per_px: float
) -> None:
    outline[filled.where][filled.mask] = 0
    if film.layers < OUTLINED_FROM_LAYERS or film.material != "carbon":
        return
    darkness = int(255 * (1 - np.exp(-film.layers / 40)))
    width = max(1, round(OUTLINE_UM / um_per_px))
    # A corner at integers + 0.5 is the centre of a pixel here, and an integer there.
    corners = np.round((polygon_px - 0.5) * 2**FRACTION_BITS).astype(np.int32)
    cv2.polylines(outline, [corners], True, darkness, width, cv2.LINE_AA, FRACTION_BITS)


# Odd, so that one of the fine pixels has the same centre as the pixel: it decides the truth.
FINE = 3
# What the outlines of thick graphite keep of the light: blue is scattered aside the least, as the
# point spread of an objective is narrower there than the step's shadow.
OUTLINE_RGB = (0.4, 0.4, 0.6)
# Glue thinner than this changes the light by under 0.2 %, less than 8 bits can show.
LEAST_GLUE_NM = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """A window of a chip before any camera.

    Attributes
    ----------
    reflectance : (height, width, 3) float32
        R, G, B; a perfect mirror gives 1.
    bare_rgb : (3,) float32
        Reflectance of the bare substrate.
    instances, layers : (height, width) uint16
        Number of the flake, and layers of carbon, at the centre of each pixel.
    """

    reflectance: NDArray[np.float32]
    bare_rgb: NDArray[np.float32]
    instances: NDArray[np.uint16]
    layers: NDArray[np.uint16]


def paint(chip: Chip, window: Window, camera: Camera) -> Painting:
    """Paint what of a chip lies in a window, with linear signals whatever the camera's gamma."""
    camera = replace(camera, gamma=1.0)
    fine = Window(
        window.left_um,
        window.top_um,
        window.um_per_px / FINE,
        window.width_px * FINE,
        window.height_px * FINE,
    )
    laid = lay(_patches_in(chip.patches, window), fine)
    soil = lay_soil(chip.residues, chip.specks, chip.lines, fine)
    colours = film_colours(laid.palette, chip.oxide_nm, camera)
    planes = [
        colours[:, channel][laid.film] * soil.shade * _outline_table(light)[laid.outline]
        for channel, light in enumerate(OUTLINE_RGB)
    ]
    _glue(planes, laid, soil, chip.oxide_nm, camera)
    size = (window.width_px, window.height_px)
    centre = slice(FINE // 2, None, FINE)
    return Painting(
        np.dstack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes]),
        film_colours([BARE], chip.oxide_nm, camera)[0],
        np.ascontiguousarray(laid.instances[centre, centre]),
        laid.layers(every=FINE),
    )


def _outline_table(light: float) -> NDArray[np.float32]:
    return np.linspace(1, light, 256, dtype=np.float32)


def _patches_in(patches: list[Patch], window: Window) -> list[Patch]:
    low = np.array([window.left_um, window.top_um])
    high = low + np.array([window.width_px, window.height_px]) * window.um_per_px
    return [
        patch
        for patch in patches
        if bool(np.all(patch.polygon_um.max(axis=0) > low))
        and bool(np.all(patch.polygon_um.min(axis=0) < high))
    ]


def _glue(
    planes: list[NDArray[np.float32]], laid: Laid, soil: Soil, oxide_nm: float, camera: Camera
) -> None:
    glue_nm = soil.glue_nm.ravel()
    where = np.flatnonzero(glue_nm > LEAST_GLUE_NM)
    if len(where) == 0:
        return
    tables = np.stack([glue_factors(layers, oxide_nm, camera) for layers in GLUE_CLASSES])
    last = tables.shape[1] - 1
    rows = np.array([_glue_class(film) for film in laid.palette]) * (last + 1)
    steps = np.minimum(glue_nm[where] * np.float32(1 / GLUE_STEP_NM), last)
    row = rows.astype(np.int32)[laid.film.ravel()[where]] + steps.astype(np.int32)
    for channel, plane in enumerate(planes):
        plane.ravel()[where] *= tables[..., channel].ravel()[row]


# Under glue, films are told apart by these numbers of layers: beyond, hardly any light comes back
# from below and 60 layers stand for all.
GLUE_CLASSES = (*range(MOST_GRAPHENE_LAYERS + 1), 10, 60)


def _glue_class(film: Film) -> int:
    layers = film.layers if film.material == "carbon" else GLUE_CLASSES[-1]
    return int(np.argmin(np.abs(np.array(GLUE_CLASSES) - layers)))
