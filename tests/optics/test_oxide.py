"""The oxide from flakes of unknown numbers of layers."""

from dataclasses import replace

import numpy as np
import pytest

from service.optics.camera import Camera, contrast_rgb
from service.optics.oxide import estimate_oxide

DUST = [(0.3, 0.25, 0.1), (-0.6, 0.0, 0.5), (1.5, 1.2, 0.4), (0.9, -0.3, -0.2)]


def scan_contrasts(oxide_nm: float, camera: Camera) -> list[tuple[float, float, float]]:
    random = np.random.default_rng(2)
    layers = random.choice([1, 1, 2, 2, 3, 4, 5, 6], 40)
    exact = contrast_rgb(layers, oxide_nm, camera)
    noisy = exact + random.normal(0, (0.006, 0.006, 0.012), exact.shape)
    return [(r, g, b) for r, g, b in noisy.tolist()]


@pytest.mark.parametrize("lamp", ["white_led", "halogen"])
@pytest.mark.parametrize("oxide_nm", [85.0, 90.0, 100.0, 285.0, 300.0])
def test_the_oxide_of_a_scan_is_found_within_ten_nanometres(oxide_nm: float, lamp) -> None:
    camera = replace(Camera(), lamp=lamp, glare=0.05)
    estimate = estimate_oxide([*scan_contrasts(oxide_nm, camera), *DUST])
    assert estimate is not None
    assert abs(estimate.oxide_nm - oxide_nm) <= 10
    assert abs(estimate.oxide_nm - oxide_nm) <= 2 * estimate.sigma_nm
    assert estimate.confident


def test_one_flake_is_not_enough_to_be_confident() -> None:
    estimate = estimate_oxide(contrast_rgb(1, 90).tolist())
    assert estimate is not None
    assert not estimate.confident


def test_dust_alone_is_not_enough_to_be_confident() -> None:
    estimate = estimate_oxide(DUST * 10)
    assert estimate is not None
    assert not estimate.confident


def test_flakes_without_weight_say_nothing() -> None:
    flakes = scan_contrasts(90.0, Camera())
    others = scan_contrasts(285.0, Camera())
    weights = [1.0] * len(flakes) + [0.0] * len(others)
    assert estimate_oxide([*flakes, *others], weights=weights) == estimate_oxide(
        flakes, weights=[1.0] * len(flakes)
    )


def test_no_flakes_give_no_oxide() -> None:
    assert estimate_oxide([]) is None
    assert estimate_oxide([(np.nan, 0.0, 0.0)]) is None
