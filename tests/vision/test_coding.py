import cv2
import numpy as np
import pytest

from service.vision.coding import LEVELS, ZERO, Code, code, enlarge
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, draw, square, vignette

LEAST = np.array([[0.034] * 3, [0.045] * 3])


def whole(tile: Code) -> np.ndarray:
    height, width = tile.size_px
    return tile.cut(slice(0, height), slice(0, width))


def test_contrast_is_coded_in_steps_of_a_200th() -> None:
    coded = whole(code(normalise(draw([(square(200, 150, 60), LAYERS[1])])), LEAST))

    expected = ZERO + LEVELS * np.array(LAYERS[1])
    assert np.median(coded[160:200, 210:250], axis=(0, 1)) == pytest.approx(expected, abs=2)
    assert np.median(coded[300:400, 300:600], axis=(0, 1)) == pytest.approx(ZERO, abs=1)


def test_every_pixel_is_coded_with_the_background_at_its_own_place() -> None:
    normalised = normalise(draw([], light=vignette((640, 480), 0.5), noise=0.002))

    coded = whole(code(normalised, LEAST))

    assert coded.shape == (480, 640, 3)
    seen = normalised.contrast(0, 0, 640, 480) * LEVELS + ZERO
    assert np.abs(coded - seen).mean() < 1


def test_a_part_is_coded_as_in_the_whole_and_the_half_as_its_mean() -> None:
    flake = [(square(200, 150, 60), LAYERS[1])]
    tile = code(normalise(draw(flake, light=vignette((640, 480), 0.5))), LEAST)

    coded = whole(tile)

    part = tile.cut(slice(101, 333), slice(57, 640))
    assert (part[2:-2, 2:-2] == coded[103:331, 59:638]).all()
    mean = cv2.resize(coded, (320, 240), interpolation=cv2.INTER_AREA)
    assert tile.half().shape == mean.shape
    assert np.abs(tile.half() - mean.astype(float)).mean() < 1


def test_limits_are_the_least_ones_on_a_quiet_tile_and_follow_noise() -> None:
    quiet = code(normalise(draw([], noise=0.002)), LEAST)
    noisy = code(normalise(draw([], noise=0.03)), LEAST / 10)

    assert quiet.noise.step == pytest.approx(LEAST[0] * LEVELS)
    assert quiet.noise.level == pytest.approx(LEAST[1] * LEVELS)
    away = np.abs(whole(noisy).astype(float) - ZERO)
    assert 0 < (away > noisy.noise.level / 1.3).mean() < 0.02


def test_an_enlarged_code_has_twice_the_pixels_and_smaller_steps() -> None:
    normalised = normalise(draw([], noise=0.03))
    plain = code(normalised, LEAST / 10)

    twice = enlarge(plain, normalised.bare, LEAST / 10)

    assert whole(twice).shape == (960, 1280, 3)
    assert (twice.noise.step < plain.noise.step).all()
