import numpy as np
import pytest

from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.normalise import normalise
from tests.vision.drawing import LAYERS, THICK, draw, square


def test_a_crop_holds_contrast_and_mask_with_context_around() -> None:
    normalised = normalise(draw([(square(200, 150, 40), LAYERS[1])]))
    candidate = Candidate(200, 150, np.ones((40, 40), np.bool_))

    (one,) = crop(normalised, [candidate], 48)

    assert one.shape == (48, 48, 4)
    assert one[24, 24, :3] == pytest.approx(LAYERS[1], abs=0.03)
    assert one[24, 24, 3] == 1
    assert one[2, 2] == pytest.approx(0, abs=0.05)
    # 40 px and 8 px of context each side are 56 px, shown on 48.
    assert one[..., 3].sum() == pytest.approx((40 / 56 * 48) ** 2, rel=0.02)


def test_a_crop_at_the_corner_repeats_the_last_pixels() -> None:
    normalised = normalise(draw([(square(-1, -1, 31), LAYERS[2])]))
    candidate = Candidate(0, 0, np.ones((30, 30), np.bool_))

    (one,) = crop(normalised, [candidate], 48)

    assert one[1, 1, :3] == pytest.approx(LAYERS[2], abs=0.04)
    assert one[1, 1, 3] == 0


def test_saturated_surroundings_are_cut_at_one() -> None:
    bright = (3.0, 3.0, 3.0)
    normalised = normalise(
        draw([(square(300, 300, 20), LAYERS[1]), (square(320, 280, 60), bright)])
    )

    (one,) = crop(normalised, [Candidate(300, 300, np.ones((20, 20), np.bool_))], 48)

    assert one[..., :3].max() <= 1
    assert one[..., :3].min() >= -1


def test_no_candidates_make_no_crops() -> None:
    assert crop(normalise(draw([(square(50, 50, 30), THICK)])), [], 48).shape == (0, 48, 48, 4)
