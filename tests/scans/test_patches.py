from itertools import product

import numpy as np
import pytest

from service.scans.patches import Patch, is_same, join
from service.vision.stage import StageMap, orient

TILE_PX = (200, 150)


def patch(box, *, corner_px, at=(100.0, 75.0), affine=None) -> Patch:
    """A full rectangle (width, height) on a tile whose centre stands at `at`."""
    stage = StageMap(orient(1.0) if affine is None else affine, (100.0, 75.0), at)
    return Patch(np.ones(box[::-1], bool), corner_px, TILE_PX, stage)


def turned(degrees: float, um_per_px: float = 1.0) -> np.ndarray:
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return um_per_px * np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]])


@pytest.mark.parametrize(("shift", "same"), [(0, True), (5, True), (7, False), (15, False)])
def test_a_flake_of_15_px_is_the_same_up_to_5_px_of_stage_error(shift, same):
    one = patch((15, 15), corner_px=(150, 60))
    other = patch((15, 15), corner_px=(50 + shift, 60), at=(200.0, 75.0))

    assert is_same(one, other) is same
    assert is_same(other, one) is same


def test_only_what_both_tiles_see_is_compared():
    # 100 px long: 40 px of it on the first tile, all of it on the second, 150 px to the right.
    one = patch((40, 10), corner_px=(160, 60))
    other = patch((100, 10), corner_px=(10, 60), at=(250.0, 75.0))
    apart = patch((20, 10), corner_px=(60, 60), at=(250.0, 75.0))

    assert is_same(one, other)
    assert not is_same(one, apart)


def test_a_sliver_proves_nothing():
    one = patch((12, 12), corner_px=(188, 60))
    other = patch((12, 12), corner_px=(0, 60), at=(299.0, 75.0))  # 1 px of both tiles overlaps

    assert not is_same(one, other)


def test_a_flake_is_the_same_on_a_camera_that_was_turned_and_at_another_magnification():
    one = patch((40, 40), corner_px=(80, 55))
    other = patch((80, 80), corner_px=(60, 35), affine=turned(30, 0.5))
    elsewhere = patch((80, 80), corner_px=(60, 35), affine=turned(30, 0.5), at=(150.0, 75.0))

    assert is_same(one, other)
    assert not is_same(one, elsewhere)


def test_two_halves_join_to_the_whole_with_its_outline():
    left = patch((80, 20), corner_px=(120, 60))
    right = patch((70, 20), corner_px=(0, 60), at=(230.0, 75.0))

    whole = join([left, right])

    assert whole.area_um2 == 80 * 20
    assert whole.centre_um == (160.0, 70.0)
    assert whole.polygon_um.min(axis=0) == pytest.approx([120, 60], abs=0.3)
    assert whole.polygon_um.max(axis=0) == pytest.approx([200, 80], abs=0.3)
    assert not whole.touches_border


def test_what_goes_on_beyond_all_tiles_touches_the_border():
    left = patch((80, 20), corner_px=(120, 60))
    right = patch((200, 20), corner_px=(0, 60), at=(290.0, 75.0))

    assert join([left, right]).touches_border


def test_something_larger_than_the_grid_keeps_its_area():
    # Sixteen tiles in a row, all covered: 3,080 px long.
    row = [patch(TILE_PX, corner_px=(0, 0), at=(100.0 + 192 * n, 75.0)) for n in range(16)]

    assert join(row).area_um2 == pytest.approx(150 * (200 + 15 * 192), rel=0.01)


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_a_mask_lies_right_side_up_in_every_orientation(flips):
    affine = orient(0.5, flip_x=flips[0], flip_y=flips[1], swap_xy=flips[2])
    mask = np.tri(30, dtype=bool)  # no symmetry that could hide a flip
    stages = [StageMap(affine, (100.0, 75.0), (float(x), 7.0)) for x in (0, 0)]
    shifted = affine[:, :2] @ (40, 0)
    stages[1] = StageMap(affine, (100.0, 75.0), (float(shifted[0]), 7.0 + float(shifted[1])))

    one = Patch(mask, (100, 60), TILE_PX, stages[0])
    other = Patch(mask, (60, 60), TILE_PX, stages[1])

    assert is_same(one, other)
    assert join([one, other]).area_um2 == np.count_nonzero(mask) * 0.25
