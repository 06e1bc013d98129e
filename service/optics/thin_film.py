"""Compute the reflectance of a stack of thin films (transfer matrix) from optical constants."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidValue

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# Weber's n and k belong to a film of this thickness: only the three together are a measurement.
GRAPHENE_LAYER_NM = 0.34
# Distance of the planes in bulk graphite, 24 °C (Trucano, Chen, Nature 258, 136, 1975).
GRAPHITE_LAYER_NM = 0.3354
# Up to the first number a flake has the constants of graphene, from the second those of graphite:
# the bands of the bulk form over some ten layers, and the two tables differ by some 5 % only.
GRAPHENE_UP_TO_LAYERS = 6.0
GRAPHITE_FROM_LAYERS = 30.0


def silica_index(wavelength_nm: FloatArray) -> FloatArray:
    """Refractive index of fused silica (Malitson, J. Opt. Soc. Am. 55, 1205, 1965)."""
    squared_um2 = (wavelength_nm / 1000) ** 2
    terms = ((0.6961663, 0.0684043), (0.4079426, 0.1162414), (0.8974794, 9.896161))
    susceptibility = sum(
        strength * squared_um2 / (squared_um2 - pole_um**2) for strength, pole_um in terms
    )
    return np.asarray(np.sqrt(1 + susceptibility), np.float64)


def silicon_index(wavelength_nm: FloatArray) -> ComplexArray:
    """Complex index n + ik of crystalline silicon."""
    return _interpolate("silicon", wavelength_nm)


def carbon_film(layers: FloatArray, wavelength_nm: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Complex index (..., wavelengths) and thickness in nm (...,) of flakes of `layers` layers.

    Graphene up to `GRAPHENE_UP_TO_LAYERS`, graphite from `GRAPHITE_FROM_LAYERS`, and a smooth
    mixture between, so that every curve over thickness is continuous.
    """
    step = (layers - GRAPHENE_UP_TO_LAYERS) / (GRAPHITE_FROM_LAYERS - GRAPHENE_UP_TO_LAYERS)
    share = np.clip(step, 0, 1)
    share = share * share * (3 - 2 * share)
    graphene = _interpolate("graphene", wavelength_nm)
    graphite = _interpolate("graphite", wavelength_nm)
    index = graphene + share[..., None] * (graphite - graphene)
    return index, layers * (GRAPHENE_LAYER_NM + share * (GRAPHITE_LAYER_NM - GRAPHENE_LAYER_NM))


def _interpolate(material: str, wavelength_nm: FloatArray) -> ComplexArray:
    table = _indices()
    grid = table["wavelength_nm"]
    if wavelength_nm.min() < grid[0] or wavelength_nm.max() > grid[-1]:
        raise InvalidValue(
            f"wavelengths {wavelength_nm.min():g} to {wavelength_nm.max():g} nm: "
            f"the indices are known from {grid[0]:g} to {grid[-1]:g} nm"
        )
    n = np.interp(wavelength_nm, grid, table[f"{material}_n"])
    k = np.interp(wavelength_nm, grid, table[f"{material}_k"])
    return np.asarray(n + 1j * k, np.complex128)


@cache
def _indices() -> dict[str, FloatArray]:
    text = files("service.optics").joinpath("indices.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    columns = np.array([[float(value) for value in row.split(",")] for row in rows]).T
    return dict(zip(header.split(","), columns, strict=True))


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
