import numpy as np
import pytest

from service.vision.light import FlatField
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, draw, square
from tests.vision.shadowed import shadowed, tiles


def test_the_field_of_a_scan_is_that_of_the_light() -> None:
    field = FlatField()
    for tile in tiles(12):
        field.add(tile.pixels)

    estimate = field.estimate()

    assert estimate is not None
    truth = shadowed() / shadowed().mean(axis=(0, 1))
    error = np.abs(estimate / truth - 1)
    assert np.percentile(error, 95) < 0.02


def test_the_field_takes_the_shadow_off_a_tile() -> None:
    field = FlatField()
    for tile in tiles(12):
        field.add(tile.pixels)
    tile = draw([(square(400, 100, 60), LAYERS[1])], light=shadowed())

    without = normalise(tile).contrast(190, 290, 20, 20)
    with_field = normalise(tile, field.estimate()).contrast(190, 290, 20, 20)

    assert without.mean() < -0.03
    assert with_field.mean() == pytest.approx(0, abs=0.012)


def test_four_tiles_are_too_few() -> None:
    field = FlatField()
    for tile in tiles(4):
        field.add(tile.pixels)

    assert field.estimate() is None


def test_tiles_of_another_size_are_refused() -> None:
    field = FlatField()
    field.add(tiles(1)[0].pixels)

    with pytest.raises(ValueError, match="100x100 px among tiles of 640x480"):
        field.add(np.full((100, 100, 3), 128, np.uint8))
