import cv2
import numpy as np
import pytest

from service.vision.decode import Tile
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, SUBSTRATE_RGB, THICK, draw, square, vignette

SIZE = (640, 480)


def contrast_at(tile: Tile, x: int, y: int) -> np.ndarray:
    return np.median(normalise(tile).contrast(x - 10, y - 10, 20, 20), axis=(0, 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_flake_has_its_contrast_in_8_and_16_bit(dtype: type) -> None:
    tile = draw([(square(200, 200, 60), LAYERS[1])], dtype=dtype)

    assert contrast_at(tile, 230, 230) == pytest.approx(LAYERS[1], abs=0.01)


def test_ten_bits_in_sixteen_are_as_good_as_eight() -> None:
    eight = draw([(square(200, 200, 60), LAYERS[1])])
    ten = Tile(eight.pixels.astype(np.uint16) * 4)

    assert contrast_at(ten, 230, 230) == pytest.approx(contrast_at(eight, 230, 230), abs=0.005)
    assert normalise(ten).light.background_rgb == pytest.approx(SUBSTRATE_RGB, abs=0.01)


@pytest.mark.parametrize(
    "light",
    [
        np.float32([1.2, 0.8, 1.0]) * np.ones((480, 640, 1), np.float32),
        vignette(SIZE, 0.5),
        np.linspace(0.6, 1.1, 640, dtype=np.float32)[None, :, None],
    ],
    ids=["colour cast", "vignette of a half", "light from one side"],
)
def test_contrast_does_not_depend_on_light(light: np.ndarray) -> None:
    tile = draw([(square(40, 40, 60), LAYERS[1]), (square(400, 300, 50), LAYERS[2])], light=light)

    assert contrast_at(tile, 70, 70) == pytest.approx(LAYERS[1], abs=0.015)
    assert contrast_at(tile, 425, 325) == pytest.approx(LAYERS[2], abs=0.015)


def test_the_substrate_is_found_where_thick_flakes_cover_most_of_the_tile() -> None:
    thick = [(square(x, y, 120), THICK) for x in (10, 170, 330, 490) for y in (10, 170, 330)]
    tile = draw(thick)

    light = normalise(tile).light

    assert light.bare_fraction < 0.5
    assert light.background_rgb == pytest.approx(SUBSTRATE_RGB, abs=0.02)


def test_black_beyond_the_chip_does_not_change_the_contrast_on_it() -> None:
    light = np.ones((480, 640, 1), np.float32)
    light[:, 450:] = 0.0
    tile = draw([(square(200, 200, 60), LAYERS[1])], light=light)

    assert contrast_at(tile, 230, 230) == pytest.approx(LAYERS[1], abs=0.015)


def test_a_given_flat_field_is_divided_out() -> None:
    stripes = np.where(np.arange(640) // 40 % 2, 1.0, 0.9).astype(np.float32)[None, :, None]
    tile = draw([], light=stripes)
    flat = np.broadcast_to(stripes, (480, 640, 3)).astype(np.float32)

    uneven = normalise(tile).contrast(0, 0, 640, 480)
    even = normalise(tile, flat_field=flat).contrast(0, 0, 640, 480)

    assert even.std() < 0.3 * uneven.std()


@pytest.mark.parametrize("value", [0, 7, 128, 255])
def test_a_tile_of_one_colour_has_no_contrast(value: int) -> None:
    tile = Tile(np.full((120, 160, 3), value, np.uint8))

    contrast = normalise(tile).contrast(0, 0, 160, 120)

    assert np.isfinite(contrast).all()
    assert np.ptp(contrast) < 0.01


def test_an_oversampled_image_is_reduced_and_a_sharp_one_is_not() -> None:
    sharp = draw([(square(200, 200, 100), THICK)])
    soft = Tile(cv2.resize(sharp.pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))

    assert normalise(sharp).reduction == 1
    assert normalise(soft).reduction >= 2


def test_noise_is_measured_on_the_substrate() -> None:
    quiet, noisy = (normalise(draw([], noise=s)).light.noise_rgb for s in (0.005, 0.03))

    assert noisy == pytest.approx((0.03, 0.03, 0.03), rel=0.25)
    assert max(quiet) < 0.01
