"""What colour a film has: reflectance of each channel, by the optics that also reads tiles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.optics.camera import Band, Camera, reflectance_rgb
from service.optics.thin_film import Film as OpticalFilm
from service.optics.thin_film import Ray, carbon_film, silica_index, silicon_index, split_power
from service.render.chip import Film

Colours = NDArray[np.float32]

# Exposed for bare silica, marks of gold are white in every channel, blue too.
GOLD_RGB = (0.93, 0.85, 0.9)
# Boron nitride, ordinary ray; it hardly bends over the visible
# (Rah et al., Opt. Lett. 44, 3797, 2019).
HBN_INDEX, HBN_LAYER_NM = 2.15, 0.333
# WSe2 monolayer in red, green and blue (Hsu et al., Adv. Opt. Mater. 7, 1900239, 2019).
TMD_INDEX_RGB, TMD_LAYER_NM = (5.5 + 0.96j, 4.08 + 2.17j, 4.54 + 1.46j), 0.65
# Acrylic glue of tapes.
GLUE_INDEX = 1.49
# Glue is tabulated in steps of this, which no eye sees; thicker glue counts as the table's end.
GLUE_STEP_NM, GLUE_END_NM = 0.1, 600.0
# The optics is smooth enough to be computed for every so many steps only.
GLUE_STRIDE = 20


def film_colours(films: Sequence[Film], oxide_nm: float, camera: Camera) -> Colours:
    """Reflectance of films, (n, 3) R, G, B, where a perfect mirror gives 1."""
    colours = np.empty((len(films), 3))
    carbon = [here for here, film in enumerate(films) if film.material == "carbon"]
    layers = np.array([films[here].layers for here in carbon], np.float64)
    if carbon:
        colours[carbon] = reflectance_rgb(layers, oxide_nm, camera)
    for here, film in enumerate(films):
        if film.material == "gold":
            colours[here] = GOLD_RGB
        elif film.material != "carbon":
            colours[here] = _foreign(film, oxide_nm, camera)
    return colours.astype(np.float32)


def glue_factors(layers: int, oxide_nm: float, camera: Camera) -> Colours:
    """Compute how glue on carbon changes its reflectance, (steps, 3) R, G, B factors.

    The row is the thickness of the glue over `GLUE_STEP_NM`.
    """
    every_nm = np.arange(0, GLUE_END_NM, GLUE_STEP_NM)
    thickness_nm = np.arange(0, GLUE_END_NM, GLUE_STEP_NM * GLUE_STRIDE)
    factors = np.empty((len(every_nm), 3))
    for channel, band in enumerate(_bands(camera)):
        wavelength_nm = _wavelengths(band)
        glue = OpticalFilm(np.full(len(wavelength_nm), GLUE_INDEX), thickness_nm[:, None])
        index, carbon_nm = carbon_film(np.array([float(layers)]), wavelength_nm)
        below = OpticalFilm(index, carbon_nm[:, None])
        signal = _signal([glue, below], oxide_nm, wavelength_nm)
        factors[:, channel] = np.interp(every_nm, thickness_nm, signal / signal[0])
    return factors.astype(np.float32)


def _foreign(film: Film, oxide_nm: float, camera: Camera) -> NDArray[np.float64]:
    # As a factor on the bare substrate, so that lamp and filter count where they are well known.
    factor = np.empty(3)
    for channel, band in enumerate(_bands(camera)):
        wavelength_nm = _wavelengths(band)
        tmd = film.material == "tmd"
        index = TMD_INDEX_RGB[channel] if tmd else HBN_INDEX
        layer_nm = TMD_LAYER_NM if tmd else HBN_LAYER_NM
        stack = OpticalFilm(
            np.full(len(wavelength_nm), index), np.array([[0.0], [film.layers * layer_nm]])
        )
        bare, covered = _signal([stack], oxide_nm, wavelength_nm)
        factor[channel] = covered / bare
    return np.asarray(reflectance_rgb(0, oxide_nm, camera)[0] * factor, np.float64)


def _signal(
    films: list[OpticalFilm], oxide_nm: float, wavelength_nm: NDArray[np.float64]
) -> NDArray[np.float64]:
    oxide = OpticalFilm(silica_index(wavelength_nm), np.array([[oxide_nm]]))
    reflected, _ = split_power([*films, oxide], silicon_index(wavelength_nm), Ray(wavelength_nm))
    return np.asarray(reflected.mean(axis=-1), np.float64)


def _bands(camera: Camera) -> tuple[Band, Band, Band]:
    return camera.red, camera.green, camera.blue


def _wavelengths(band: Band) -> NDArray[np.float64]:
    # Five points over the full width stand for the band.
    return band.centre_nm + band.width_nm * np.linspace(-0.5, 0.5, 5)
