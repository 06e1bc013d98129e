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
from service.optics.camera import WAVELENGTHS_NM, Band, Camera, Lamp, responses, signal
from service.optics.thin_film import FloatArray, reflectance

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
# Five oxides, each under a fifth of the cameras, stand for a normal distribution.
OXIDE_STEPS_SD = (-1.4, -0.53, 0.0, 0.53, 1.4)

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
    thickness = np.array(LAYERS, np.float64)
    spectra = [_spectra(thickness, oxide_nm, oxide_sd_nm) for oxide_nm in oxides_nm]
    seen = [_contrasts(of_oxide, vivid=vivid) for vivid in (False, True) for of_oxide in spectra]
    models = [_summed_up((1 + linear) ** gamma - 1) for linear in seen]
    means, variances, directions = zip(*models, strict=True)
    prior = np.outer([RAW_SHARE, 1 - RAW_SHARE], probabilities).ravel()
    return ContrastModel(
        LAYERS,
        oxide_nm=np.array(2 * oxides_nm),
        log_prior=np.log(prior),
        mean=np.array(means),
        variance=np.array(variances),
        directions=np.array(directions),
    )


def usual_contrasts(
    layers: FloatArray, oxide_nm: float, oxide_sd_nm: float, *, vivid: bool
) -> FloatArray:
    """Contrasts that each usual camera sees, (cameras, n, 3) R, G, B."""
    return _contrasts(_spectra(layers, oxide_nm, oxide_sd_nm), vivid=vivid)


def _spectra(layers: FloatArray, oxide_nm: float, oxide_sd_nm: float) -> FloatArray:
    """Compute reflectance, (apertures, oxides, 1 + layers, wavelengths), bare substrate first."""
    with_bare = np.concatenate([[0.0], layers])
    oxides_nm = np.maximum(oxide_nm + oxide_sd_nm * np.array(OXIDE_STEPS_SD), 0)[:, None]
    wavelength_nm = np.array(WAVELENGTHS_NM, np.float64)
    return np.array(
        [reflectance(with_bare, oxides_nm, wavelength_nm, aperture) for aperture in APERTURES]
    )


def _contrasts(spectra: FloatArray, *, vivid: bool) -> FloatArray:
    cameras = _usual_responses(vivid=vivid)
    light = spectra[cameras.aperture, cameras.oxide] @ cameras.colours
    bare = light[:, :1]
    bare_raw = spectra[cameras.aperture, cameras.oxide, :1] @ cameras.raw
    # Nobody would work where a channel of the bare substrate is nearly subtracted away.
    usable = np.all(bare >= LEAST_CHANNEL * bare_raw, axis=(1, 2))
    light, bare, glare = light[usable], bare[usable], cameras.glare[usable]
    return signal(light[:, 1:], bare, glare) / signal(bare, bare, glare) - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Responses:
    """The usual cameras side by side: one product of matrices instead of a thousand.

    Attributes
    ----------
    aperture, oxide : (cameras,) intp
        Which of `APERTURES` and of `OXIDE_STEPS_SD` is each one's.
    colours, raw : (cameras, wavelengths, 3) float64
        With and without colour correction.
    glare : (cameras, 1, 1) float64
    """

    aperture: NDArray[np.intp]
    oxide: NDArray[np.intp]
    colours: FloatArray
    raw: FloatArray
    glare: FloatArray


@cache
def _usual_responses(*, vivid: bool) -> _Responses:
    cameras = usual_cameras(vivid=vivid)
    return _Responses(
        aperture=np.array([APERTURES.index(one.numerical_aperture) for one in cameras]),
        oxide=np.arange(len(cameras)) % len(OXIDE_STEPS_SD),
        colours=np.array([responses(one) for one in cameras]),
        raw=np.array([responses(replace(one, colour_correction=0.0)) for one in cameras]),
        glare=np.array([one.glare for one in cameras])[:, None, None],
    )


def _summed_up(contrasts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute the mean, variance and directions of what the cameras see."""
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
