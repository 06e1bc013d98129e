import numpy as np
import pytest

from service.optics.camera import contrast_rgb
from service.optics.layer_map import UNKNOWN, Seen, coverage, layer_shares, map_layers, paint
from service.vision.candidate import Candidate
from service.vision.decode import Tile
from service.vision.normalise import Normalised, normalise

GREY = np.array((0.55, 0.5, 0.45))
SQUARE_PX = 80


def drawn(layers: list[int], oxide_nm: float) -> tuple[Normalised, list[tuple[float, ...]]]:
    """A tile with one square of each number of layers, and their contrasts."""
    contrasts = contrast_rgb(np.array(layers), oxide_nm)
    pixels = np.full((400, 600, 3), GREY)
    for number, contrast in enumerate(contrasts):
        left = 40 + 130 * number
        pixels[150 : 150 + SQUARE_PX, left : left + SQUARE_PX] = GREY * (1 + contrast)
    noise = np.random.default_rng(0).normal(0, 0.006, pixels.shape)
    tile = Tile(np.clip((pixels + noise) * 255, 0, 255).astype(np.uint8), 0.4, oxide_nm)
    return normalise(tile), [tuple(contrast) for contrast in contrasts.tolist()]


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0])
def test_coverage_by_layers_is_that_of_the_drawing(oxide_nm: float) -> None:
    normalised, contrasts = drawn([1, 2, 3], oxide_nm)

    layers = map_layers(normalised, Seen(contrasts, (1.0, 1.0, 1.0), oxide_nm))

    found = {one.layers: one for one in coverage(layers, um_per_px=0.4)}
    for number in (1, 2, 3):
        assert found[number].area_px == pytest.approx(SQUARE_PX**2, rel=0.03)
        assert found[number].area_um2 == pytest.approx(SQUARE_PX**2 * 0.16, rel=0.03)
    assert sum(one.share for one in found.values()) == pytest.approx(1)


def test_what_no_graphite_looks_like_is_unknown() -> None:
    pixels = np.full((300, 300, 3), GREY)
    pixels[100:200, 100:200] = GREY * (1.8, 1.9, 0.6)
    layers = map_layers(
        normalise(Tile((pixels * 255).astype(np.uint8), None, 90.0)), Seen(oxide_nm=90.0)
    )

    assert layers[150, 150] == UNKNOWN
    assert layers[20, 20] == 0


def test_a_map_is_painted_with_its_legend() -> None:
    layers = np.zeros((60, 200), np.uint8)
    layers[10:30, 10:60] = 2

    picture = paint(layers)

    assert picture.shape[0] > 60
    assert picture.shape[1:] == (200, 3)
    assert not np.array_equal(picture[5, 5], picture[20, 20])
    assert paint(layers, legend=False).shape == (60, 200, 3)


def test_a_flake_that_holds_several_numbers_of_layers_says_which_share_has_each() -> None:
    normalised, contrasts = drawn([1, 2], 285.0)
    both = np.zeros((SQUARE_PX, 130 + SQUARE_PX), bool)
    both[:, :SQUARE_PX] = True
    both[: SQUARE_PX // 2, 130:] = True

    shares = layer_shares(Candidate(40, 150, both), normalised, Seen(contrasts, (1, 1), 285.0))

    assert dict(shares) == pytest.approx({1: 2 / 3, 2: 1 / 3}, abs=0.03)
