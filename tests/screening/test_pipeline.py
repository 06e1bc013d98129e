import numpy as np

from service.optics.camera import contrast_rgb
from service.screening.pipeline import screen_tile
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
