import numpy as np
import pytest

from service.placement.orientation import FLIPS, TURNS, Pairs, judge

SCALE = 0.4
STEP_PX = (600.0, 500.0)


def grid(turn: np.ndarray, *, along_x: int = 6, along_y: int = 6, wrong: int = 0) -> Pairs:
    """Pairs of a scan whose camera is turned; some shifts are mistaken, positions err by 2 um."""
    rng = np.random.default_rng(1)
    # The stage goes along its own axes, whatever the camera does.
    ways = np.array([(240.0, 0.0)] * along_x + [(0.0, 200.0)] * along_y).reshape(-1, 2)
    shifts = ways @ np.linalg.inv(SCALE * turn).T
    shifts[:wrong] = rng.uniform(-600, 600, (wrong, 2))
    return Pairs(ways + rng.normal(0, 1, ways.shape), shifts)


@pytest.mark.parametrize("true", range(8))
@pytest.mark.parametrize("said", range(8))
def test_of_eight_orientations_only_the_right_one_agrees_and_it_is_named(true, said):
    agreement = judge(grid(TURNS[true]), SCALE * TURNS[said], 12)

    if said == true:
        assert (agreement.verdict, agreement.better) == ("agree", None)
        assert agreement.share == 1
        assert agreement.offset_um < 4
    else:
        assert agreement.verdict == "contradict"
        assert agreement.offset_um > 100
        assert agreement.better.affine == pytest.approx(SCALE * TURNS[true])
        assert agreement.better.scale == 1


def test_many_neighbours_along_one_axis_do_not_hide_that_the_other_is_turned():
    agreement = judge(
        grid(TURNS[0], along_x=30, along_y=4), SCALE * TURNS[FLIPS.index((False, True, False))], 34
    )

    assert agreement.verdict == "contradict"
    assert agreement.share == 0.5
    assert agreement.better.affine == pytest.approx(SCALE * TURNS[0])


def test_a_wrong_scale_is_named():
    agreement = judge(grid(TURNS[0]), SCALE * 2.5 * TURNS[0], 12)

    assert agreement.verdict == "contradict"
    assert agreement.better.scale == pytest.approx(0.4, rel=0.02)
    assert agreement.better.affine == pytest.approx(SCALE * TURNS[0], rel=0.02)


def test_two_mistaken_images_of_twelve_change_nothing():
    assert judge(grid(TURNS[0], wrong=2), SCALE * TURNS[0], 12).verdict == "agree"
    turned = judge(grid(TURNS[0], wrong=2), SCALE * TURNS[5], 12)
    assert turned.better.affine == pytest.approx(SCALE * TURNS[0])


def test_one_row_agrees_but_cannot_tell_which_of_two_orientations_is_right():
    row = grid(TURNS[0], along_y=0)

    assert judge(row, SCALE * TURNS[0], 6).verdict == "agree"
    turned = judge(row, -SCALE * TURNS[0], 6)
    assert (turned.verdict, turned.better) == ("contradict", None)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images_tell_nothing(count):
    few = grid(TURNS[0], along_x=count, along_y=0)

    assert judge(few, -SCALE * TURNS[0], 12).verdict == "unknown"


def test_images_that_agree_with_no_orientation_contradict_only_if_most_show_their_place():
    shuffled = grid(TURNS[0], wrong=12)

    assert judge(shuffled, SCALE * TURNS[0], 14).verdict == "contradict"
    assert judge(shuffled, SCALE * TURNS[0], 40).verdict == "unknown"
