"""What a colour camera sees of a stack: spectral bands, lamp, aperture, colour correction."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from service.errors import InvalidValue
from service.optics.thin_film import FloatArray, reflectance

# The tables of refractive indices have this grid; the reflectance hardly bends within a step.
WAVELENGTHS_NM = tuple(range(380, 781, 10))
# Narrower filters would fall between the points of the grid.
NARROWEST_BAND_NM = 10.0

# From a sensor's colours to a screen's: the usual size of the numbers in camera makers' tables.
COLOUR_MATRIX = ((1.7, -0.6, -0.1), (-0.25, 1.5, -0.25), (0.0, -0.5, 1.5))

# No camera's bare substrate is darker, in shares of a mirror's light.
BLACK = 1e-3

Lamp = Literal["white_led", "halogen", "flat"]


@dataclass(frozen=True, slots=True)
class Band:
    """A spectral sensitivity: a Gaussian of this centre and full width at half maximum."""

    centre_nm: float
    width_nm: float

    def __post_init__(self) -> None:
        low, high = WAVELENGTHS_NM[0], WAVELENGTHS_NM[-1]
        if not low <= self.centre_nm <= high:
            raise InvalidValue(f"centre {self.centre_nm:g} nm: must be from {low} to {high} nm")
        if not self.width_nm >= NARROWEST_BAND_NM:
            raise InvalidValue(
                f"width {self.width_nm:g} nm: must be at least {NARROWEST_BAND_NM:g} nm"
            )


@dataclass(frozen=True, slots=True)
class Camera:
    """A microscope with a colour camera, from its lamp to its saved image.

    The defaults are a Bayer sensor behind its infrared filter on a 20x objective with a white LED:
    typical data-sheet values, fitted to no image. They give -0.136, -0.133, -0.089 for one layer
    on 90 nm (measured on one such microscope: -0.137, -0.140, -0.071).

    Attributes
    ----------
    red, green, blue : Band
        Sensitivities of the sensor without lamp and infrared filter.
    lamp : {"white_led", "halogen", "flat"}
        Spectrum of the light.
    infrared_cut_nm : float
        Half transmission of the infrared filter.
    numerical_aperture : float
        Of the light that really fills the objective: smaller with the aperture stop closed.
    white_balance : (red, green, blue)
        Gains of the channels; with equal ones a perfect mirror is white.
    colour_correction : float
        0 is the raw sensor, 1 applies `COLOUR_MATRIX`. This is what makes green contrasts larger
        than any film's and blue ones positive on 285 nm.
    glare : float
        Share of stray light in the signal of the bare substrate; it shrinks every contrast.
    gamma : float
        Exponent of the saved image; 1 is linear, 1/2.2 looks like a screen's.
    """

    red: Band = Band(605, 80)
    green: Band = Band(535, 90)
    blue: Band = Band(460, 85)
    lamp: Lamp = "white_led"
    infrared_cut_nm: float = 660.0
    numerical_aperture: float = 0.45
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    colour_correction: float = 0.0
    glare: float = 0.0
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.numerical_aperture < 1:
            raise InvalidValue(
                f"numerical aperture {self.numerical_aperture:g}: must be from 0 to below 1 (air)"
            )
        if not 0 <= self.glare < 1:
            raise InvalidValue(f"glare {self.glare:g}: must be from 0 to below 1")
        if not 0 < self.gamma <= 4:
            raise InvalidValue(f"gamma {self.gamma:g}: must be above 0 and at most 4")

    def through(self, band: Band) -> "Camera":
        """Give the same microscope behind a narrow filter: every channel sees that band."""
        return replace(
            self,
            red=band,
            green=band,
            blue=band,
            lamp="flat",
            infrared_cut_nm=np.inf,
            colour_correction=0.0,
        )


DEFAULT_CAMERA = Camera()


def reflectance_rgb(
    layers: ArrayLike, oxide_nm: ArrayLike, camera: Camera = DEFAULT_CAMERA
) -> FloatArray:
    """Signal of each channel, R, G, B, where a perfect mirror gives 1.

    Parameters
    ----------
    layers, oxide_nm : float or (n,)
        Broadcast against each other. 0 layers is the bare substrate; fractions are allowed, and
        hundreds of layers (thick graphite).

    Returns
    -------
    (n, 3) float64
        n is 1 for two plain numbers. With a gamma, of the saved image.
    """
    flake, bare = _spectra(layers, oxide_nm, camera.numerical_aperture)
    colours = responses(camera)
    return np.asarray(
        signal(flake @ colours, bare @ colours, camera.glare) ** camera.gamma, np.float64
    )


def contrast_rgb(
    layers: ArrayLike, oxide_nm: ArrayLike, camera: Camera = DEFAULT_CAMERA
) -> FloatArray:
    """Contrast of flakes against their bare substrate, pixel / background - 1, (n, 3) R, G, B.

    The arguments are those of `reflectance_rgb`.
    """
    flake, bare = _spectra(layers, oxide_nm, camera.numerical_aperture)
    return contrast_of_spectra(flake, bare, camera)


def contrast_of_spectra(flake: FloatArray, bare: FloatArray, camera: Camera) -> FloatArray:
    """Contrast R, G, B, (..., 3), of reflectance spectra (..., wavelengths) on `WAVELENGTHS_NM`."""
    colours = responses(camera)
    flake_light, bare_light = flake @ colours, bare @ colours
    seen = signal(flake_light, bare_light, camera.glare)
    ratio = seen / signal(bare_light, bare_light, camera.glare)
    return np.asarray(ratio**camera.gamma - 1, np.float64)


def signal(light: FloatArray, bare: FloatArray, glare: float | FloatArray) -> FloatArray:
    """Compute what a camera saves of linear R, G, B, (..., 3), before its gamma.

    The light of the bare substrate beside it strays; it and `glare` broadcast. Light may be
    negative: the colour matrix subtracts channels from each other.
    """
    return np.maximum(light, 0) + glare / (1 - glare) * np.maximum(bare, BLACK)


# Bounded: who renders training images may draw a new camera for each.
@lru_cache(maxsize=1024)
def responses(camera: Camera) -> FloatArray:
    """Compute what each wavelength adds to R, G, B, (wavelengths, 3): light is spectra @ responses.

    On the raw sensor each column sums to its gain; the colour matrix then mixes the columns.
    """
    wavelength_nm = np.array(WAVELENGTHS_NM, np.float64)
    # Interference filters fall from 90 to 10 % within about 35 nm.
    passed = 1 / (1 + np.exp((wavelength_nm - camera.infrared_cut_nm) / 8))
    light = passed * _lamp(camera.lamp, wavelength_nm)
    bands = (camera.red, camera.green, camera.blue)
    raw = np.stack([_gaussian(band, wavelength_nm) * light for band in bands], axis=1)
    identity = np.eye(3)
    matrix = identity + camera.colour_correction * (np.array(COLOUR_MATRIX) - identity)
    colours: FloatArray = (raw / raw.sum(axis=0) * camera.white_balance) @ matrix.T
    # The array is shared by all callers of the cache.
    colours.setflags(write=False)
    return colours


def _spectra(
    layers: ArrayLike, oxide_nm: ArrayLike, numerical_aperture: float
) -> tuple[FloatArray, FloatArray]:
    """Reflectance of flakes and of their bare substrates, each (n, wavelengths)."""
    flat_layers, flat_oxide = np.broadcast_arrays(
        np.atleast_1d(np.asarray(layers, np.float64)),
        np.atleast_1d(np.asarray(oxide_nm, np.float64)),
    )
    if flat_layers.ndim != 1:
        raise InvalidValue(f"layers and oxide of shape {flat_layers.shape}: one dimension is known")
    for name, values in (("layers", flat_layers), ("oxide_nm", flat_oxide)):
        if not np.all(np.isfinite(values) & (values >= 0)):
            raise InvalidValue(f"{name} must be numbers of at least 0")
    wavelength_nm = np.array(WAVELENGTHS_NM, np.float64)
    oxides, which = np.unique(flat_oxide, return_inverse=True)
    flake = reflectance(flat_layers, flat_oxide, wavelength_nm, numerical_aperture)
    bare = reflectance(np.zeros_like(oxides), oxides, wavelength_nm, numerical_aperture)
    return flake, bare[which]


def _lamp(lamp: Lamp, wavelength_nm: FloatArray) -> FloatArray:
    if lamp == "white_led":
        # A 450 nm emitter on a yellow phosphor, about 5000 K.
        phosphor = _gaussian(Band(560, 130), wavelength_nm)
        return _gaussian(Band(450, 25), wavelength_nm) + 0.5 * phosphor
    if lamp == "halogen":
        # Planck's law at 3200 K (hc/k = 1.4388e7 nm K); the scale cancels.
        thermal = np.expm1(1.4388e7 / (wavelength_nm * 3200))
        return np.asarray((555 / wavelength_nm) ** 5 / thermal, np.float64)
    return np.ones_like(wavelength_nm)


def _gaussian(band: Band, wavelength_nm: FloatArray) -> FloatArray:
    deviation = (wavelength_nm - band.centre_nm) / band.width_nm
    return np.asarray(np.exp(-4 * np.log(2) * deviation**2), np.float64)
