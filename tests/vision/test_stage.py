import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from service.vision.stage import (
    StageMap,
    from_micro_manager,
    orient,
    pixel_area_um2,
    reference_of,
    rescale,
    scale_um_per_px,
)

# (flip_x, flip_y, swap_xy) -> where +x and +y of the image point on the stage.
ORIENTATIONS = {
    (False, False, False): ((1, 0), (0, 1)),
    (True, False, False): ((-1, 0), (0, 1)),
    (False, True, False): ((1, 0), (0, -1)),
    (True, True, False): ((-1, 0), (0, -1)),
    (False, False, True): ((0, 1), (1, 0)),
    (True, False, True): ((0, 1), (-1, 0)),
    (False, True, True): ((0, -1), (1, 0)),
    (True, True, True): ((0, -1), (-1, 0)),
}


@pytest.mark.parametrize(("flips", "axes"), list(ORIENTATIONS.items()))
def test_the_axes_of_the_image_point_where_the_flips_say(flips, axes):
    flip_x, flip_y, swap_xy = flips
    affine = orient(0.5, flip_x=flip_x, flip_y=flip_y, swap_xy=swap_xy)
    stage = StageMap(affine, (100.0, 50.0), (1000.0, -2000.0))

    moved = stage.to_stage(np.array([[100.0, 50.0], [110.0, 50.0], [100.0, 60.0]]))

    assert moved[0].tolist() == [1000.0, -2000.0]
    assert (moved[1] - moved[0]).tolist() == [5 * axes[0][0], 5 * axes[0][1]]
    assert (moved[2] - moved[0]).tolist() == [5 * axes[1][0], 5 * axes[1][1]]
    assert pixel_area_um2(affine) == pytest.approx(0.25)


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_a_stage_position_leads_back_to_its_pixel(flips):
    affine = orient(0.3844, flip_x=flips[0], flip_y=flips[1], swap_xy=flips[2])
    stage = StageMap(affine, (960.0, 600.0), (12000.0, -8000.0))
    points = np.random.default_rng(1).uniform(0, 1920, (50, 2))

    assert stage.to_pixel(stage.to_stage(points)) == pytest.approx(points, abs=1e-6)


def test_a_micro_manager_affine_is_read_row_by_row():
    stage = StageMap(from_micro_manager((0.5, 0.1, 3.0, -0.2, 0.4, 7.0)), (0.0, 0.0), (0.0, 0.0))

    assert stage.to_stage(np.array([[10.0, 0.0], [0.0, 10.0]])).tolist() == [
        [8.0, 5.0],
        [4.0, 11.0],
    ]
    assert stage.to_pixel(np.array([[8.0, 5.0]])) == pytest.approx(np.array([[10.0, 0.0]]))


def test_a_rotation_keeps_the_area_of_a_pixel_and_rescaling_keeps_the_rotation():
    turned = 0.5 * np.array([[0.6, -0.8, 0.0], [0.8, 0.6, 0.0]])

    assert pixel_area_um2(turned) == pytest.approx(0.25)
    assert scale_um_per_px(rescale(turned, 0.1)) == pytest.approx(0.1)
    assert rescale(turned, 0.1) == pytest.approx(turned / 5)


def test_a_position_belongs_to_the_centre_unless_the_scan_says_top_left():
    assert reference_of(711, 649, "centre") == (355.5, 324.5)
    assert reference_of(711, 649, "top_left") == (0.0, 0.0)


@pytest.mark.parametrize("folder", ["micromanager_17294f8a", "csv_acb69ba8"])
def test_real_tiles_lie_where_their_frame_says(shared_data: Path, folder):
    truth = json.loads((shared_data / "scans" / folder / "truth.json").read_text())
    width, height = truth["tile_px"]
    up = -1 if folder.startswith("micromanager") else 1
    affine = from_micro_manager((0.3844, 0.0, 0.0, 0.0, up * 0.3844, 0.0))
    for tile in truth["tiles"]:
        stage = StageMap(
            affine, reference_of(width, height, "centre"), (tile["stage_x_um"], tile["stage_y_um"])
        )

        corner = stage.to_stage(np.zeros((1, 2)))[0]

        expected = (12000 + tile["x_px"] * 0.3844, -8000 + up * tile["y_px"] * 0.3844)
        assert corner == pytest.approx(expected, abs=1e-3)
