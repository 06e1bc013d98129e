"""The transfer matrix against closed forms, conservation of energy and published numbers."""

import numpy as np
import pytest

from service.optics.camera import Band, Camera, contrast_rgb
from service.optics.thin_film import (
    Film,
    Polarisation,
    Ray,
    reflectance,
    silica_index,
    silicon_index,
    split_power,
)

WAVELENGTH_NM = np.array([400.0, 550.0, 700.0])


def fresnel(
    from_index: complex, to_index: complex, sin_squared: float, polarisation: Polarisation
) -> complex:
    """Reflected amplitude of one interface (Born, Wolf, section 1.5); the sine is that in air."""
    from_cosine = np.sqrt(1 - sin_squared / from_index**2)
    to_cosine = np.sqrt(1 - sin_squared / to_index**2)
    if polarisation == "s":
        a, b = from_index * from_cosine, to_index * to_cosine
    else:
        a, b = from_index / from_cosine, to_index / to_cosine
    return (a - b) / (a + b)


@pytest.mark.parametrize("polarisation", ["s", "p"])
@pytest.mark.parametrize("sin_squared", [0.0, 0.3, 0.8])
def test_a_lossless_stack_reflects_or_transmits_all_light(
    polarisation: Polarisation, sin_squared: float
) -> None:
    flat = np.ones_like(WAVELENGTH_NM)
    films = [Film(2.3 * flat, np.array(80.0)), Film(1.4 * flat, np.array(133.0))]
    ray = Ray(WAVELENGTH_NM, sin_squared, polarisation)
    reflected, transmitted = split_power(films, 1.5 * flat, ray)
    np.testing.assert_allclose(reflected + transmitted, 1, rtol=1e-12)
    assert np.all((reflected > 0) & (transmitted > 0))


def test_an_absorbing_film_keeps_some_light() -> None:
    film = Film(np.full(3, 2.7 + 1.3j), np.array(10.0))
    reflected, transmitted = split_power([film], np.full(3, 1.5), Ray(WAVELENGTH_NM))
    assert np.all(reflected + transmitted < 0.95)


@pytest.mark.parametrize("polarisation", ["s", "p"])
@pytest.mark.parametrize("sin_squared", [0.0, 0.5])
@pytest.mark.parametrize("oxide_nm", [0.0, 90.0, 285.0])
def test_bare_oxide_on_silicon_agrees_with_the_two_interface_formula(
    oxide_nm: float, sin_squared: float, polarisation: Polarisation
) -> None:
    oxide, silicon = silica_index(WAVELENGTH_NM), silicon_index(WAVELENGTH_NM)
    ray = Ray(WAVELENGTH_NM, sin_squared, polarisation)
    reflected, _ = split_power([Film(oxide, np.array(oxide_nm))], silicon, ray)
    for i, wavelength in enumerate(WAVELENGTH_NM):
        upper = fresnel(1.0, oxide[i], sin_squared, polarisation)
        lower = fresnel(oxide[i], silicon[i], sin_squared, polarisation)
        phase = np.sqrt(oxide[i] ** 2 - sin_squared) * 4 * np.pi * oxide_nm / wavelength
        lower = lower * np.exp(1j * phase)
        airy = (upper + lower) / (1 + upper * lower)
        assert reflected[i] == pytest.approx(abs(airy) ** 2, rel=1e-10)


def test_one_layer_on_90_nm_has_the_published_contrasts() -> None:
    published = {450: -0.069, 500: -0.116, 550: -0.143, 600: -0.140, 650: -0.122}
    for wavelength, expected in published.items():
        camera = Camera(numerical_aperture=0).through(Band(wavelength, 10))
        assert contrast_rgb(1, 90, camera)[0, 1] == pytest.approx(expected, abs=0.001)


def test_one_layer_on_285_nm_has_the_published_contrasts() -> None:
    for wavelength, expected in {450: 0.009, 550: -0.125, 650: -0.052}.items():
        camera = Camera(numerical_aperture=0).through(Band(wavelength, 10))
        assert contrast_rgb(1, 285, camera)[0, 1] == pytest.approx(expected, abs=0.002)


def test_a_wider_cone_of_light_looks_like_a_thinner_oxide() -> None:
    wavelength = np.linspace(450, 700, 251)
    layers, oxide = np.array([0.0, 1.0]), np.array([285.0, 285.0])
    best = []
    for aperture in (0.0, 0.5, 0.8):
        bare, flake = reflectance(layers, oxide, wavelength, aperture)
        best.append(wavelength[np.argmin(flake / bare)])
    assert best[0] > best[1] > best[2]


def test_three_rays_stand_for_the_whole_cone_of_light() -> None:
    layers, oxide = np.zeros(2), np.array([90.0, 285.0])
    nodes, weights = np.polynomial.legendre.leggauss(24)
    fine = np.zeros((2, len(WAVELENGTH_NM)))
    films = [Film(silica_index(WAVELENGTH_NM), oxide[:, None])]
    for node, weight in zip(nodes, weights, strict=True):
        for polarisation in ("s", "p"):
            ray = Ray(WAVELENGTH_NM, (node + 1) / 2 * 0.8**2, polarisation)
            fine += weight / 4 * split_power(films, silicon_index(WAVELENGTH_NM), ray)[0]
    coarse = reflectance(layers, oxide, WAVELENGTH_NM, 0.8)
    np.testing.assert_allclose(coarse, fine, atol=3e-4)
