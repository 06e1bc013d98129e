import numpy as np
import pytest

from service.optics.camera import contrast_rgb
from service.optics.layers import estimate_layers
from service.screening.pipeline import screen_tile, trust
from service.vision.decode import Tile
from service.vision.segment import SegmentParams
from tests.fakes import FakeClassifier

GREY = np.array((0.55, 0.5, 0.45))


def draw(layers):
    """A tile on 90 nm SiO2 with one square flake of each number of layers, in that order."""
    pixels = np.full((400, 600, 3), GREY)
    for number, contrast in enumerate(contrast_rgb(np.array(layers), 90.0)):
        pixels[150:230, 60 + 130 * number : 140 + 130 * number] = GREY * (1 + contrast)
    noise = np.random.default_rng(0).normal(0, 0.004, pixels.shape)
    return np.clip((pixels + noise) * 255, 0, 255).astype(np.uint8)


def test_a_flake_of_many_layers_is_no_graphene_however_much_it_looks_like_it():
    tile = Tile(draw([1, 3, 5]), 0.4, 90.0)

    screening = screen_tile(tile, params=SegmentParams(), classifier=FakeClassifier())

    found = sorted(screening.detections, key=lambda one: one.candidate.x)
    assert [(one.layers.layers, one.is_graphene) for one in found] == [
        (1, True),
        (3, True),
        (5, False),
    ]


def test_a_colour_of_no_graphite_speaks_against_a_flake_that_the_network_is_not_sure_of():
    pixels = draw([1]).astype(float)
    # Red darker and blue brighter, as the blocks of a coarse JPEG are.
    pixels[150:230, 300:380] *= (0.9, 1.05, 1.12)
    tile = Tile(pixels.astype(np.uint8), 0.4, 90.0)

    def found(p_graphene):
        classifier = FakeClassifier(p_graphene=p_graphene)
        screening = screen_tile(tile, params=SegmentParams(), classifier=classifier)
        return [
            one.is_graphene for one in sorted(screening.detections, key=lambda d: d.candidate.x)
        ]

    assert found(0.75) == [True, False]
    assert found(0.95) == [True, True]


@pytest.mark.parametrize(
    ("p_graphene", "area_px", "expected"),
    [(1.0, 1500, 1.0), (0.8, 1500, 0.8), (0.8, 375, 0.2), (1.0, 15, 0.01), (0.8, 60_000, 0.8)],
)
def test_a_small_flake_tells_less_of_oxide_and_camera_than_a_sure_one(
    p_graphene, area_px, expected
):
    assert trust(p_graphene, area_px) == pytest.approx(expected)


def test_specks_in_the_colours_of_another_oxide_do_not_outvote_two_large_flakes():
    flakes = contrast_rgb(np.array([1, 2]), 90.0).tolist()
    specks = contrast_rgb(np.array([1, 2]), 285.0).tolist() * 4

    def layers_of(areas_px):
        weights = [trust(0.9, area_px) for area_px in areas_px]
        found = estimate_layers([*flakes, *specks], oxide_nm=None, weights=weights)
        return [one.layers for one in found[:2]]

    assert layers_of([6000] * 2 + [30] * 8) == [1, 2]


def test_a_halo_is_no_graphene_however_much_it_looks_like_it():
    y, x = np.mgrid[:400, :600].astype(float)
    halo = 1 - 0.16 * np.exp(-((x - 300) ** 2 + (y - 200) ** 2) / (2 * 16**2))
    tile = Tile((draw([]) * halo[..., None]).astype(np.uint8), 0.4, 90.0)

    screening = screen_tile(tile, params=SegmentParams(), classifier=FakeClassifier(0.97))

    assert not any(one.is_graphene for one in screening.detections)


def test_a_tile_on_which_nothing_is_even_has_a_warning():
    tile = Tile(np.zeros((200, 300, 3), np.uint8))

    screening = screen_tile(tile, params=SegmentParams(), classifier=FakeClassifier())

    assert screening.detections == []
    assert len(screening.warnings) == 1
