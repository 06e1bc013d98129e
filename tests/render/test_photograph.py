"""The camera: light field, white balance, exposure, noise and bits."""

from dataclasses import replace

import numpy as np
import pytest

from service.render.photograph import Optics, light_field, photograph

PLAIN = Optics(
    width_px=200,
    height_px=150,
    gains_rgb=(1, 1, 1),
    vignette=0,
    flare=0,
    electrons=np.inf,
    read_noise=0,
    bits=16,
)
BARE = np.array([0.10, 0.11, 0.15], np.float32)


def shoot(optics: Optics, scale: float = 1.0) -> np.ndarray:
    field = np.broadcast_to(BARE * np.float32(scale), (150, 200, 3)).copy()
    rng = np.random.default_rng(0)
    return photograph(field, BARE, optics, rng) / (255 if optics.bits == 8 else 65535)


def test_bare_substrate_has_the_set_level_and_white_balance() -> None:
    picture = shoot(replace(PLAIN, gains_rgb=(1.2, 1.0, 0.5), bare_level=0.4))
    expected = BARE * (1.2, 1.0, 0.5)
    np.testing.assert_allclose(picture[75, 100], expected * 0.4 / expected.mean(), atol=1e-3)


def test_a_vignette_darkens_the_farthest_corner_by_its_strength() -> None:
    optics = replace(PLAIN, vignette=0.3, vignette_centre=(0.4, 0.5))
    picture = shoot(optics)
    level = picture / shoot(PLAIN)
    assert level.max() == pytest.approx(1, abs=1e-3)
    brightest = np.unravel_index(level[..., 1].argmax(), level.shape[:2])
    assert brightest[1] == pytest.approx(0.4 * 200, abs=2)
    assert level[0, -1] == pytest.approx([0.7] * 3, abs=5e-3)
    np.testing.assert_allclose(level, light_field(optics), atol=2e-3)


def test_the_light_field_is_tinted_and_tilted_as_set() -> None:
    field = light_field(replace(PLAIN, gradient=(0.1, 0.0)))
    assert field[75, -1, 0] - field[75, 0, 0] == pytest.approx(0.1, abs=2e-3)
    red, green, blue = light_field(replace(PLAIN, vignette=0.3, vignette_tint=0.2))[0, 0]
    assert red < green < blue


def test_saturation_keeps_grey_grey_and_spreads_colours() -> None:
    plain, vivid = shoot(PLAIN)[75, 100], shoot(replace(PLAIN, saturation=1.5))[75, 100]
    assert vivid.mean() == pytest.approx(plain.mean(), abs=1e-3)
    np.testing.assert_allclose(vivid - vivid.mean(), 1.5 * (plain - plain.mean()), atol=1e-3)


def test_bright_things_stop_at_the_white_level() -> None:
    assert shoot(replace(PLAIN, white_level=0.8), scale=9).max() == pytest.approx(0.8, abs=1e-4)


def test_noise_follows_the_square_root_of_the_light() -> None:
    optics = replace(PLAIN, electrons=10_000, grain_px=0.5, bare_level=0.2)
    dark, bright = shoot(optics), shoot(optics, scale=4)
    assert dark[..., 1].std() == pytest.approx(np.sqrt(dark[..., 1].mean() / 10_000), rel=0.05)
    assert bright[..., 1].std() / dark[..., 1].std() == pytest.approx(2, rel=0.05)


def test_eight_bits_and_jpeg_stay_close_to_sixteen() -> None:
    deep, shallow = shoot(PLAIN), shoot(replace(PLAIN, bits=8))
    assert np.abs(deep - shallow).max() <= 0.5 / 255 + 1e-6
    packed = shoot(replace(PLAIN, bits=8, jpeg_quality=90))
    assert np.abs(deep - packed).max() < 3 / 255
