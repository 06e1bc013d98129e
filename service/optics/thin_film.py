"""Reflection of light by a stack of thin films: the transfer matrix.

Formulas: H. A. Macleod, Thin-Film Optical Filters, 4th ed., chapter 2 (characteristic matrices and
tilted admittances), written for indices n + ik, that is for waves exp(-iωt). The films are listed
from the air down to the substrate. The incident medium is air.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from service.optics.constants import (
    ComplexArray,
    FloatArray,
    carbon_film,
    silica_index,
    silicon_index,
)

Polarisation = Literal["s", "p"]

# The integrand is smooth in sin²: three nodes differ from sixteen by under 1e-4 up to NA 0.9.
APERTURE_NODES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """One film of a stack; index and thickness broadcast against (..., wavelengths)."""

    index: ComplexArray | FloatArray
    thickness_nm: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Ray:
    """One plane wave in air: its wavelengths, the square of the sine of its angle, its field."""

    wavelength_nm: FloatArray
    sin_squared: float = 0.0
    polarisation: Polarisation = "s"


def split_power(
    films: Sequence[Film], substrate: ComplexArray | FloatArray, ray: Ray
) -> tuple[FloatArray, FloatArray]:
    """Shares of the power that a stack reflects and that enters the substrate.

    Returns
    -------
    reflected, transmitted : (..., wavelengths) float64
        What is missing to 1 was absorbed in the films.
    """
    incident = _admittance(np.ones_like(ray.wavelength_nm), ray)
    exit_admittance = _admittance(substrate, ray)
    electric: ComplexArray = np.ones_like(exit_admittance)
    magnetic = exit_admittance
    for film in reversed(films):
        phase = 2 * np.pi * film.thickness_nm * _normal_index(film.index, ray) / ray.wavelength_nm
        eta = _admittance(film.index, ray)
        cosine, sine = np.cos(phase), -1j * np.sin(phase)
        electric, magnetic = (
            cosine * electric + sine / eta * magnetic,
            eta * sine * electric + cosine * magnetic,
        )
    total = incident * electric + magnetic
    reflected = np.abs((incident * electric - magnetic) / total) ** 2
    transmitted = 4 * incident.real * exit_admittance.real / np.abs(total) ** 2
    return reflected, transmitted


def reflectance(
    layers: FloatArray,
    oxide_nm: FloatArray,
    wavelength_nm: FloatArray,
    numerical_aperture: float = 0.0,
) -> FloatArray:
    """Unpolarised reflectance of graphite flakes on SiO2 on silicon.

    Parameters
    ----------
    layers, oxide_nm : (...,)
        Number of layers (0 is the bare substrate) and thickness of the SiO2; they broadcast
        against each other.
    wavelength_nm : (wavelengths,)
        From 380 to 780 nm.
    numerical_aperture : float
        The cone of light is filled evenly, as by a matched condenser; 0 is normal incidence.

    Returns
    -------
    (..., wavelengths) float64
    """
    index, thickness_nm = carbon_film(layers, wavelength_nm)
    films = [
        Film(index, thickness_nm[..., None]),
        Film(silica_index(wavelength_nm), oxide_nm[..., None]),
    ]
    substrate = silicon_index(wavelength_nm)
    nodes, weights = _aperture(numerical_aperture)
    rays = [
        (weight / 2, Ray(wavelength_nm, sin_squared, polarisation))
        for sin_squared, weight in zip(nodes, weights, strict=True)
        for polarisation in ("s", "p")
    ]
    return np.asarray(
        sum(weight * split_power(films, substrate, ray)[0] for weight, ray in rays), np.float64
    )


def _aperture(numerical_aperture: float) -> tuple[list[float], list[float]]:
    # A pupil of even brightness is even in sin² of the angle (Abbe's sine condition).
    if numerical_aperture == 0:
        return [0.0], [1.0]
    nodes, weights = np.polynomial.legendre.leggauss(APERTURE_NODES)
    sin_squared: list[float] = ((nodes + 1) / 2 * numerical_aperture**2).tolist()
    return sin_squared, (weights / 2).tolist()


def _normal_index(index: ComplexArray | FloatArray, ray: Ray) -> ComplexArray:
    # n cos(angle) inside the film, by Snell's law.
    return np.asarray(np.sqrt(np.square(index) - ray.sin_squared + 0j), np.complex128)


def _admittance(index: ComplexArray | FloatArray, ray: Ray) -> ComplexArray:
    normal = _normal_index(index, ray)
    if ray.polarisation == "s":
        return normal
    return np.asarray(np.square(index) / normal, np.complex128)
