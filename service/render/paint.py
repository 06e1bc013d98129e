"""Paint a window of a chip as a perfect camera would see it: reflectance and the known answer."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.optics.camera import Camera
from service.render.chip import BARE, MOST_GRAPHENE_LAYERS, Chip, Film, Patch
from service.render.colours import GLUE_STEP_NM, film_colours, glue_factors
from service.render.lay import Laid, lay
from service.render.soil import Soil, lay_soil
from service.render.truth import Window

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
