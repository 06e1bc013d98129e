"""Refractive indices and thicknesses of what lies on a chip.

Sources of `indices.csv` (n and k, absorption is k > 0):
graphene: Weber, Calado, van de Sanden, Appl. Phys. Lett. 97, 091904 (2010);
graphite, ordinary ray: Djurišić, Li, J. Appl. Phys. 85, 7404 (1999);
silicon: Green, Sol. Energy Mater. Sol. Cells 92, 1305 (2008).
Tables as collected by refractiveindex.info (CC0).
"""

from functools import cache
from importlib.resources import files

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
