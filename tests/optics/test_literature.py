"""Published numbers, typed in: renderer, reader and training share an optics and err alike."""

import csv

import numpy as np
import pytest

from service.optics.camera import Band, Camera, contrast_rgb
from service.optics.thin_film import carbon_film, reflectance, silica_index, silicon_index
from service.render.chip import Film
from service.render.colours import film_colours

# Wavelength in nm -> measured index (Malitson, J. Opt. Soc. Am. 55, 1205, 1965, table 1).
SILICA = {
    404.656: 1.46961,
    435.835: 1.46669,
    486.133: 1.46313,
    546.074: 1.46008,
    587.562: 1.45846,
    643.847: 1.45671,
    656.272: 1.45637,
    706.519: 1.45515,
}
# n and k by wavelength in nm. Silicon: Green, Sol. Energy Mater. Sol. Cells 92, 1305 (2008).
SILICON = {
    450: (4.691, 0.0863),
    500: (4.294, 0.04416),
    550: (4.077, 0.02797),
    600: (3.940, 0.01993),
    650: (3.844, 0.01443),
}
# Graphene: Weber, Calado, van de Sanden, Appl. Phys. Lett. 97, 091904 (2010).
GRAPHENE = {
    450: (2.6895, 1.15172),
    500: (2.6789, 1.18830),
    550: (2.6828, 1.24516),
    600: (2.7063, 1.31223),
    650: (2.7444, 1.37732),
}
# Graphite, ordinary ray: Djurišić, Li, J. Appl. Phys. 85, 7404 (1999).
GRAPHITE = {
    450: (2.6176, 1.30115),
    500: (2.6519, 1.39871),
    550: (2.7164, 1.48479),
    600: (2.7894, 1.55519),
    650: (2.8599, 1.61334),
}
# Contrast of one layer at normal incidence, by oxide and wavelength in nm.
ONE_LAYER = {
    (90.0, 450): -0.069,
    (90.0, 500): -0.116,
    (90.0, 550): -0.143,
    (90.0, 600): -0.140,
    (90.0, 650): -0.122,
    (285.0, 450): 0.009,
    (285.0, 550): -0.125,
    (285.0, 650): -0.052,
}


def narrow(wavelength_nm: float) -> Camera:
    """A camera that sees one colour, in a closed cone of light."""
    return Camera(numerical_aperture=0).through(Band(wavelength_nm, 10))


@pytest.mark.parametrize(("wavelength_nm", "index"), SILICA.items())
def test_silica_has_the_index_that_malitson_measured(wavelength_nm: float, index: float) -> None:
    assert silica_index(np.array([wavelength_nm]))[0] == pytest.approx(index, abs=2e-5)


@pytest.mark.parametrize(("wavelength_nm", "index"), SILICON.items())
def test_silicon_has_the_index_that_green_measured(wavelength_nm: float, index) -> None:
    assert silicon_index(np.array([wavelength_nm]))[0] == pytest.approx(complex(*index), abs=1e-4)


@pytest.mark.parametrize(
    ("layers", "thickness_nm", "table"), [(1, 0.34, GRAPHENE), (60, 20.124, GRAPHITE)]
)
def test_carbon_has_the_published_index_and_thickness(layers, thickness_nm, table) -> None:
    wavelengths = np.array(list(table), np.float64)
    index, thick_nm = carbon_film(np.array([float(layers)]), wavelengths)
    assert index[0].tolist() == pytest.approx([complex(*one) for one in table.values()], abs=1e-4)
    assert thick_nm.tolist() == pytest.approx([thickness_nm], abs=1e-3)


def test_tables_of_the_service_are_those_that_were_published(shared_data) -> None:
    for name, read in (
        ("graphene_weber", lambda nm: carbon_film(np.array([1.0]), nm)[0][0]),
        ("graphite_djurisic_o", lambda nm: carbon_film(np.array([60.0]), nm)[0][0]),
        ("si_green2008", silicon_index),
    ):
        with (shared_data / "optics" / f"{name}.csv").open(newline="") as file:
            rows = [[float(value) for value in row.values()] for row in csv.DictReader(file)]
        wavelength_nm, n, k = np.array(rows).T
        np.testing.assert_allclose(read(wavelength_nm), n + 1j * k, rtol=0, atol=1e-4)


def test_polished_silicon_mirrors_as_much_as_its_index_says() -> None:
    # ((4.077 - 1) / (4.077 + 1))^2 at 550 nm; k adds less than 0.0001.
    bare = reflectance(np.array([0.0]), np.array([0.0]), np.array([550.0]))
    assert bare[0, 0] == pytest.approx(0.3674, abs=3e-4)


@pytest.mark.parametrize(("where", "contrast"), ONE_LAYER.items())
def test_one_layer_is_rendered_and_read_with_the_contrast_checked_before(where, contrast) -> None:
    oxide_nm, wavelength_nm = where
    camera = narrow(wavelength_nm)
    bare, flake = film_colours([Film("carbon", 0), Film("carbon", 1)], oxide_nm, camera)
    assert flake / bare - 1 == pytest.approx([contrast] * 3, abs=0.002)
    assert contrast_rgb(1, oxide_nm, camera)[0] == pytest.approx([contrast] * 3, abs=0.002)
