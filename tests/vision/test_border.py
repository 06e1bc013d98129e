import numpy as np
import pytest

from service.vision.border import edge_share
from service.vision.candidate import Candidate
from service.vision.decode import Tile
from service.vision.measure import measure
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, draw, square


def disc(x: int, y: int, radius: int) -> Candidate:
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return Candidate(x - radius, y - radius, rows**2 + columns**2 <= radius**2)


def share_of(candidate: Candidate, tile: Tile) -> float:
    normalised = normalise(tile)
    return edge_share(candidate, normalised, measure(candidate, normalised).contrast_rgb)


def test_a_flake_has_an_edge_all_around() -> None:
    tile = draw([(square(200, 150, 60), LAYERS[1])])

    assert share_of(Candidate(200, 150, np.ones((60, 60), bool)), tile) > 0.95


def test_a_halo_has_none() -> None:
    y, x = np.mgrid[:480, :640].astype(np.float32)
    halo = 1 - 0.2 * np.exp(-((x - 320) ** 2 + (y - 240) ** 2) / (2 * 30**2))

    assert share_of(disc(320, 240, 34), draw([], light=halo[..., None])) < 0.1


def test_a_step_to_a_thicker_neighbour_is_an_edge() -> None:
    tile = draw([(square(200, 150, 60), LAYERS[1]), (square(260, 150, 60), LAYERS[3])])

    assert share_of(Candidate(200, 150, np.ones((60, 60), bool)), tile) > 0.9


def test_the_tiles_own_border_is_not_judged() -> None:
    tile = draw([(square(-20, 150, 60), LAYERS[2])])

    assert share_of(Candidate(0, 150, np.ones((60, 40), bool)), tile) > 0.9


def test_a_smear_is_less_uniform_than_a_flake() -> None:
    streaks = np.ones((480, 640, 1), np.float32)
    streaks[150:210:8, 200:260] = 0.75
    streaks[152:210:8, 200:260] = 0.8
    candidate = Candidate(200, 150, np.ones((60, 60), bool))

    even = measure(candidate, normalise(draw([(square(200, 150, 60), LAYERS[1])])))
    smear = measure(candidate, normalise(draw([(square(200, 150, 60), LAYERS[1])], light=streaks)))

    assert even.uniformity == pytest.approx(1, abs=0.15)
    assert smear.uniformity < 0.7
