import numpy as np
import pytest

from service.vision.candidate import Candidate
from service.vision.measure import measure, outline
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, draw, square


def test_a_square_is_measured() -> None:
    normalised = normalise(draw([(square(200, 150, 39), LAYERS[1])]))
    candidate = Candidate(200, 150, np.ones((40, 40), np.bool_))

    found = measure(candidate, normalised)

    assert found.area_px == 1600
    assert found.bbox_px == (200, 150, 40, 40)
    assert found.centre_px == (220.0, 170.0)  # pixel centres lie at integers + 0.5
    assert found.contrast_rgb == pytest.approx(LAYERS[1], abs=0.01)
    assert not found.touches_border


def test_the_outline_encloses_the_area_of_the_mask() -> None:
    y, x = np.mgrid[:60, :60]
    disc = (x - 30) ** 2 + (y - 30) ** 2 < 25**2

    polygon = outline(disc)

    x0, y0 = polygon.T
    area = 0.5 * abs(np.dot(x0, np.roll(y0, 1)) - np.dot(y0, np.roll(x0, 1)))
    assert area == pytest.approx(disc.sum(), rel=0.05)
    assert len(polygon) < 60


def test_a_candidate_at_the_last_column_touches_the_border() -> None:
    normalised = normalise(draw([]))

    assert measure(Candidate(620, 10, np.ones((20, 20), np.bool_)), normalised).touches_border
    assert not measure(Candidate(619, 10, np.ones((20, 20), np.bool_)), normalised).touches_border
