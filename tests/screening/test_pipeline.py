import numpy as np

from service.optics.camera import contrast_rgb
from service.screening.pipeline import screen_tile
from service.vision.segment import SegmentParams
from service.vision.tile import Tile
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
