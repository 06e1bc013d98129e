"""What cameras see: direction, continuity, limits, and the settings that change colours."""

from dataclasses import replace

import numpy as np
import pytest

from service.errors import InvalidValue
from service.optics.camera import Band, Camera, contrast_rgb, reflectance_rgb
from service.optics.thin_film import carbon_film

RAW = Camera()


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0, 300.0])
def test_each_further_layer_is_darker_in_red_and_green(oxide_nm: float) -> None:
    contrast = contrast_rgb(np.arange(7), oxide_nm)
    assert contrast[0] == pytest.approx([0, 0, 0])
    assert np.all(np.diff(contrast[:, :2], axis=0) < -0.01)


def test_the_default_camera_is_near_the_contrasts_measured_on_90_nm() -> None:
    measured = [
        [-0.137, -0.140, -0.071],
        [-0.248, -0.264, -0.152],
        [-0.347, -0.368, -0.216],
        [-0.436, -0.465, -0.272],
    ]
    assert contrast_rgb([1, 2, 3, 4], 90) == pytest.approx(np.array(measured), abs=0.035)


def test_contrast_is_continuous_where_graphene_becomes_graphite() -> None:
    layers = np.linspace(0, 60, 1201)
    steps = np.abs(np.diff(contrast_rgb(layers, 90), axis=0))
    assert steps.max() < 0.012


def test_very_thick_graphite_looks_like_bulk_graphite_on_any_oxide() -> None:
    index, _ = carbon_film(np.array([5000.0]), np.arange(380, 781, 10).astype(float))
    bulk = np.abs((index - 1) / (index + 1)) ** 2
    camera = replace(RAW, numerical_aperture=0.0)
    for oxide_nm in (90, 285):
        signal = reflectance_rgb(5000, oxide_nm, camera)[0]
        assert np.all((signal > bulk.min()) & (signal < bulk.max()))


def test_contrast_is_the_ratio_of_reflectances() -> None:
    camera = Camera(colour_correction=0.7, white_balance=(1.2, 1, 0.6), glare=0.1, gamma=0.5)
    flake = reflectance_rgb([1, 4, 50], 285, camera)
    bare = reflectance_rgb(0, 285, camera)
    assert contrast_rgb([1, 4, 50], 285, camera) == pytest.approx(flake / bare - 1)


def test_layers_and_oxides_broadcast_against_each_other() -> None:
    together = contrast_rgb(2, [90, 285])
    assert together.shape == (2, 3)
    assert together[1] == pytest.approx(contrast_rgb([2], 285)[0])


def test_gamma_changes_a_contrast_by_its_power() -> None:
    linear = contrast_rgb([1, 2, 3], 90)
    saved = contrast_rgb([1, 2, 3], 90, replace(RAW, gamma=0.45))
    assert saved == pytest.approx((1 + linear) ** 0.45 - 1)


def test_glare_shrinks_every_contrast_alike() -> None:
    assert contrast_rgb([1, 5], 90, replace(RAW, glare=0.2)) == pytest.approx(
        0.8 * contrast_rgb([1, 5], 90)
    )


def test_uncorrected_halogen_light_and_vivid_colours_make_blue_brighter_on_285_nm() -> None:
    vivid = replace(RAW, lamp="halogen", white_balance=(1, 1, 0.4), colour_correction=1.0)
    red, green, blue = contrast_rgb(1, 285, vivid)[0]
    assert blue > 0.04
    assert green < contrast_rgb(1, 285, replace(RAW, lamp="halogen"))[0, 1] - 0.01
    assert red < 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Camera(numerical_aperture=1.2), "numerical aperture 1.2"),
        (lambda: Camera(glare=1.0), "glare 1"),
        (lambda: Camera(gamma=0), "gamma 0"),
        (lambda: Band(900, 50), "centre 900 nm"),
        (lambda: Band(550, 2), "width 2 nm"),
        (lambda: contrast_rgb(-1, 90), "layers"),
        (lambda: contrast_rgb(1, np.nan), "oxide_nm"),
        (lambda: contrast_rgb(np.ones((2, 2)), 90), "one dimension"),
    ],
)
def test_an_impossible_value_is_refused_by_name(make, words) -> None:
    with pytest.raises(InvalidValue, match=words):
        make()
