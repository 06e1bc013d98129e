"""What the usual microscopes, not one of them, see of 1 to 10 layers.

Nobody tells the service its lamp, sensor, aperture stop or colour correction, and on one oxide they
change the contrast of a layer by up to a half. `usual_cameras` draws microscopes from what is on
the market; `contrast_model` sums up how their contrasts lie: a mean, and the few directions in
which the contrasts of ALL layers move together when the microscope is another one.
"""

from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidValue
from service.optics.camera import (
    WAVELENGTHS_NM,
    Band,
    Camera,
    Lamp,
    channel_light,
    contrast_of_spectra,
)
from service.optics.constants import FloatArray
from service.optics.thin_film import reflectance

# Numbers of layers that are told apart, then some thicker ones: what they explain better than 1 to
# 10 do is no thin flake.
LAYERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 28, 45, 80)
THIN_LAYERS = 10

# The mean over so many is uncertain by a sixteenth of what they differ by.
CAMERAS = 256
# Five directions hold 98 % of the differences between microscopes; the rest counts as noise.
DIRECTIONS = 5
# From a closed aperture stop to a 50x objective of long working distance, wide open.
APERTURES = (0.2, 0.4, 0.6, 0.75)
LAMPS: tuple[Lamp, ...] = ("white_led", "halogen")
INFRARED_CUTS_NM = (650.0, 670.0, 700.0)

# Below this share of its raw light a channel shows noise rather than flakes.
LEAST_CHANNEL = 0.5
# Share of laboratories with raw cameras.
RAW_SHARE = 1 / 3

# Uncertainty of one flake's measured contrast, R, G, B: background a per cent off, chromatic
# blur, the camera's noise; then what grows with the contrast (lamps and films are only near the
# model). Blue is the worst: least light, and lenses focus it elsewhere.
NOISE_RGB = (0.012, 0.012, 0.020)
RELATIVE_NOISE_RGB = (0.03, 0.03, 0.06)


@dataclass(frozen=True, slots=True, eq=False)
class ContrastModel:
    """Contrasts of flakes, on hypotheses about the oxide.

    The contrast of a flake of class n is `mean[n] + directions[n] @ t + noise`, where t is a
    standard normal vector that all flakes under one microscope share.

    Attributes
    ----------
    layers : tuple of int
        Number of layers of each class.
    oxide_nm, log_prior : (hypotheses,) float64
        Thickness of the oxide, and logarithm of the probability before any flake was seen.
    mean, variance : (hypotheses, classes, 3) float64
        Order R, G, B. The variance is of the noise alone.
    directions : (hypotheses, classes, 3, size of t) float64
    """

    layers: tuple[int, ...]
    oxide_nm: FloatArray
    log_prior: FloatArray
    mean: FloatArray
    variance: FloatArray
    directions: FloatArray

    def chosen(self, hypotheses: NDArray[np.intp]) -> "ContrastModel":
        """Only these hypotheses, in this order; one may stand there several times."""
        return ContrastModel(
            self.layers,
            self.oxide_nm[hypotheses],
            self.log_prior[hypotheses],
            self.mean[hypotheses],
            self.variance[hypotheses],
            self.directions[hypotheses],
        )


@cache
def usual_cameras(*, vivid: bool) -> tuple[Camera, ...]:
    """Microscopes drawn from a prior over what laboratories have; the same ones every time.

    Cameras for machine vision send raw colours; those for the eye correct them, that is `vivid`.
    """
    # Any fixed seed: the answer for a flake must not change between two runs.
    random = np.random.default_rng(285)
    return tuple(_draw(random, vivid=vivid) for _ in range(CAMERAS))


# Bounded: an oxide is any number that a user gives.
@lru_cache(maxsize=64)
def contrast_model(
    oxides_nm: tuple[float, ...],
    probabilities: tuple[float, ...],
    oxide_sd_nm: float,
    gamma: float = 1.0,
) -> ContrastModel:
    """Contrasts of `LAYERS` where the oxide is one of `oxides_nm`, give or take `oxide_sd_nm`.

    Each oxide makes two hypotheses, one with raw and one with vivid cameras.

    Parameters
    ----------
    probabilities : tuple of float
        Of each oxide.
    gamma : float
        Exponent with which the image was saved, on top of the microscopes' own.

    Raises
    ------
    InvalidValue
        The gamma is not a positive number.
    """
    if not 0 < gamma < np.inf:
        raise InvalidValue(f"gamma is {gamma:g}: must be a positive number")
    kinds = [(oxide_nm, vivid) for vivid in (False, True) for oxide_nm in oxides_nm]
    models = [_one_kind(oxide_nm, oxide_sd_nm, gamma, vivid=vivid) for oxide_nm, vivid in kinds]
    means, variances, directions = zip(*models, strict=True)
    prior = np.outer([RAW_SHARE, 1 - RAW_SHARE], probabilities).ravel()
    return ContrastModel(
        LAYERS,
        oxide_nm=np.array([oxide_nm for oxide_nm, _ in kinds]),
        log_prior=np.log(prior),
        mean=np.array(means),
        variance=np.array(variances),
        directions=np.array(directions),
    )


def usual_contrasts(
    layers: FloatArray, oxide_nm: float, oxide_sd_nm: float, *, vivid: bool
) -> FloatArray:
    """Contrasts that each usual camera sees, (cameras, n, 3) R, G, B."""
    # Five oxides, each under a fifth of the cameras, stand for a normal distribution.
    steps_nm = oxide_sd_nm * np.array([-1.4, -0.53, 0, 0.53, 1.4])
    spectra = _spectra(layers, np.maximum(oxide_nm + steps_nm, 0))
    seen = []
    for number, camera in enumerate(usual_cameras(vivid=vivid)):
        spectrum = spectra[camera.numerical_aperture][number % len(steps_nm)]
        if _is_usable(spectrum[0], camera):
            seen.append(contrast_of_spectra(spectrum[1:], spectrum[:1], camera))
    return np.array(seen)


def _spectra(layers: FloatArray, oxides_nm: FloatArray) -> dict[float, FloatArray]:
    """Reflectance for each aperture, (oxides, 1 + layers, wavelengths), bare substrate first."""
    with_bare = np.concatenate([[0.0], layers])
    grid = np.tile(with_bare, len(oxides_nm)), np.repeat(oxides_nm, len(with_bare))
    shape = len(oxides_nm), len(with_bare), len(WAVELENGTHS_NM)
    wavelength_nm = np.array(WAVELENGTHS_NM, np.float64)
    return {
        aperture: reflectance(*grid, wavelength_nm, aperture).reshape(shape)
        for aperture in APERTURES
    }


def _one_kind(
    oxide_nm: float, oxide_sd_nm: float, gamma: float, *, vivid: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    thickness = np.array(LAYERS, np.float64)
    linear = usual_contrasts(thickness, oxide_nm, oxide_sd_nm, vivid=vivid)
    contrasts = (1 + linear) ** gamma - 1
    mean = contrasts.mean(axis=0)
    deviations = (contrasts - mean).reshape(len(contrasts), -1)
    # In units of the noise, so that a direction is kept where it matters.
    noise = np.hypot(NOISE_RGB, np.abs(mean) * RELATIVE_NOISE_RGB)
    scaled = deviations / noise.ravel()
    variances, axes = np.linalg.eigh(scaled.T @ scaled / len(contrasts))
    strongest = axes[:, -DIRECTIONS:] * np.sqrt(np.maximum(variances[-DIRECTIONS:], 0))
    kept = strongest * noise.ravel()[:, None]
    left_out = np.maximum(np.mean(deviations**2, axis=0) - np.sum(kept**2, axis=1), 0)
    return mean, noise**2 + left_out.reshape(mean.shape), kept.reshape(*mean.shape, DIRECTIONS)


def _is_usable(bare: FloatArray, camera: Camera) -> bool:
    """Whether anyone would work so: no channel of the bare substrate is nearly subtracted away."""
    raw = replace(camera, colour_correction=0.0)
    return bool(np.all(channel_light(bare, camera) >= LEAST_CHANNEL * channel_light(bare, raw)))


def _draw(random: np.random.Generator, *, vivid: bool) -> Camera:
    red, green, blue = (
        Band(random.normal(centre, 8), width * np.exp(random.normal(0, 0.15)))
        for centre, width in ((605, 80), (535, 90), (460, 85))
    )
    # Balanced on white, or not at all under a halogen lamp (about 1.5, 1, 0.5), or between.
    balance_red, balance_blue = np.exp(random.normal((0.15, -0.35), (0.25, 0.45))).tolist()
    return Camera(
        red=red,
        green=green,
        blue=blue,
        lamp=LAMPS[random.integers(len(LAMPS))],
        infrared_cut_nm=INFRARED_CUTS_NM[random.integers(len(INFRARED_CUTS_NM))],
        numerical_aperture=APERTURES[random.integers(len(APERTURES))],
        white_balance=(balance_red, 1.0, balance_blue),
        colour_correction=random.uniform(0.2, 1.2) if vivid else 0.0,
        glare=random.uniform(0, 0.12),
    )
