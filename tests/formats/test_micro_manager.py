import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from service.vision.stage import orient
from tests.formats.drawn import (
    affine_of,
    by_name,
    grid,
    noted,
    places,
    write_image,
    write_images,
    write_json,
)

UP = "0.5;0.0;0.0;0.0;-0.5;0.0"


def image_metadata(x_um: float, y_um: float, **more: object) -> dict:
    return {
        "PixelSizeUm": 0.5,
        "PixelSizeAffine": UP,
        "XPositionUm": x_um,
        "YPositionUm": y_um,
        "ZPositionUm": 12.5,
        **more,
    }


def write_version_2(folder: Path, affine: str = UP, **summary: object) -> None:
    """Two positions with a folder each, and one metadata.txt for both."""
    content: dict = {"Summary": {"PixelSize_um": 0.5, **summary}}
    for index, (x_um, y_um) in enumerate([(100.0, 200.0), (150.0, 200.0)]):
        file = f"Pos{index}/img_channel000_position{index:03d}_time000000000_z000.tif"
        write_image(folder / file)
        content[f"Coords-{file}"] = {"position": index, "z": 0, "time": 0, "channel": 0}
        content[f"Metadata-{file}"] = image_metadata(
            x_um, y_um, PixelSizeAffine=affine, PositionName=f"Pos{index}"
        )
    write_json(folder / "metadata.txt", content)


def test_version_2_is_read_with_its_labels_and_heights(tmp_path):
    write_version_2(tmp_path)

    scan = read_folder(tmp_path)

    assert scan.format == "Micro-Manager 2 (metadata.txt)"
    found = [(t.name, t.stage_x_um, t.stage_y_um, t.stage_z_um, t.um_per_px) for t in scan.tiles]
    assert found == [("Pos0", 100.0, 200.0, 12.5, 0.5), ("Pos1", 150.0, 200.0, 12.5, 0.5)]


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_each_of_the_eight_orientations_is_read_from_the_affine(tmp_path, flips):
    wanted = orient(0.5, flip_x=flips[0], flip_y=flips[1], swap_xy=flips[2])
    write_version_2(tmp_path, affine=";".join(map(str, wanted.ravel().tolist())))

    scan = read_folder(tmp_path)

    assert (scan.flip_x, scan.flip_y, scan.swap_xy) == flips
    assert scan.affine is None
    assert scan.orientation_stated
    assert np.array_equal(affine_of(scan), wanted)


def test_a_turned_camera_keeps_its_affine_and_no_flips(tmp_path):
    write_version_2(tmp_path, affine="0.499;-0.02;0.0;0.02;0.499;0.0")

    scan = read_folder(tmp_path)

    assert scan.affine == (0.499, -0.02, 0.0, 0.02, 0.499, 0.0)
    assert (scan.flip_x, scan.flip_y, scan.swap_xy) == (False, False, False)


@pytest.mark.parametrize(
    ("affine", "words"),
    [
        ("1.0;0.0;0.0;0.0;1.0;0.0", "is not stated"),
        ("Undefined", "is not stated"),
        ("0.7;0.0;0.0;0.0;0.7;0.0", "the affine is not used"),
        ("0.5;0.5;0.0;0.5;0.5;0.0", "has 0 um per pixel and is not used"),
    ],
)
def test_an_affine_that_nobody_calibrated_is_not_used_and_noted(tmp_path, affine, words):
    write_version_2(tmp_path, affine=affine)

    scan = read_folder(tmp_path)

    assert not scan.orientation_stated
    assert scan.affine is None
    assert noted(scan, words)


def test_version_1_4_is_read_from_a_folder_for_each_position(tmp_path):
    positions = [
        {
            "Label": f"1-Pos_{col:03d}_{row:03d}",
            "GridRowIndex": row,
            "GridColumnIndex": col,
            "DeviceCoordinatesUm": {"ZStage": [3.0], "XYStage": [col * 50.0, row * 40.0]},
        }
        for row in (0, 1)
        for col in (0, 1)
    ]
    for index, position in enumerate(positions):
        folder = tmp_path / position["Label"]
        write_image(folder / "img_000000000_Default_000.tif", index)
        x_um, y_um = position["DeviceCoordinatesUm"]["XYStage"]
        entry = {
            "FileName": "img_000000000_Default_000.tif",
            "PositionIndex": index,
            "PositionName": position["Label"],
            "XPositionUm": x_um + 0.25,
            "YPositionUm": y_um,
            "PixelSizeUm": 0,
        }
        summary = {"Summary": {"PixelSize_um": 0.25, "InitialPositionList": positions}}
        content = {**summary, "FrameKey-0-0-0": entry}
        if index % 2:
            content = {"FrameKey-0-0-0": {**entry, **summary}}
        write_json(folder / "metadata.txt", content)

    scan = read_folder(tmp_path)

    assert scan.format == "Micro-Manager 1.4 (metadata.txt)"
    found = {(t.row, t.col): (t.name, t.stage_x_um, t.stage_y_um) for t in scan.tiles}
    assert found == {
        (0, 0): ("1-Pos_000_000", 0.25, 0.0),
        (0, 1): ("1-Pos_001_000", 50.25, 0.0),
        (1, 0): ("1-Pos_000_001", 0.25, 40.0),
        (1, 1): ("1-Pos_001_001", 50.25, 40.0),
    }
    assert scan.um_per_px == 0.25


def test_where_the_stage_was_not_asked_the_list_of_positions_tells(tmp_path):
    listed = [
        {"Label": f"Pos{i}", "DevicePositions": [{"Device": "XY", "Position_um": [i * 9.0, 7.0]}]}
        for i in (0, 1)
    ]
    write_version_2(tmp_path, StagePositions=listed)
    content = json.loads((tmp_path / "metadata.txt").read_text())
    for key in content:
        if key.startswith("Metadata-"):
            content[key].pop("XPositionUm")
    write_json(tmp_path / "metadata.txt", content)

    assert [(t.stage_x_um, t.stage_y_um) for t in read_folder(tmp_path).tiles] == [(0, 7), (9, 7)]


def test_images_win_over_a_list_that_contradicts_them_and_the_scan_says_by_how_much(tmp_path):
    listed = [
        {"Label": f"Pos{i}", "DevicePositions": [{"Device": "XY", "Position_um": [i * 50.0, 200]}]}
        for i in (0, 1)
    ]
    write_version_2(tmp_path, StagePositions=listed)

    scan = read_folder(tmp_path)

    assert [t.stage_x_um for t in scan.tiles] == [100.0, 150.0]
    assert noted(scan, "up to 100.0 um")


def test_of_times_channels_and_focus_steps_one_image_a_position_is_a_tile(tmp_path):
    content: dict = {"Summary": {}}
    for time, channel, slice_ in product(range(2), range(2), range(3)):
        file = f"img_channel{channel:03d}_position000_time{time:09d}_z{slice_:03d}.tif"
        write_image(tmp_path / file)
        content[f"Coords-{file}"] = {"time": time, "channel": channel, "z": slice_, "position": 0}
        # The stage trembles.
        content[f"Metadata-{file}"] = image_metadata(100.0 + 0.1 * slice_, 200.0)
    write_json(tmp_path / "metadata.txt", content)

    scan = read_folder(tmp_path)

    assert [tile.path.name for tile in scan.tiles] == [
        "img_channel000_position000_time000000000_z001.tif"
    ]
    assert noted(scan, "11 more were taken at the same positions (2 times, 3 focus steps, 2 chan")


def test_images_far_apart_are_tiles_even_if_they_share_a_position(tmp_path):
    content: dict = {"Summary": {}}
    for time in range(3):
        file = f"img_{time:09d}_Default_000.tif"
        write_image(tmp_path / file)
        content[f"FrameKey-{time}-0-0"] = image_metadata(200.0 * time, 5.0, FileName=file)
    write_json(tmp_path / "metadata.txt", content)

    assert [tile.stage_x_um for tile in read_folder(tmp_path).tiles] == [0.0, 200.0, 400.0]


def test_a_stage_that_was_never_asked_is_unknown_and_not_at_zero(tmp_path):
    write_version_2(tmp_path)
    content = json.loads((tmp_path / "metadata.txt").read_text())
    for key in content:
        if key.startswith("Metadata-"):
            content[key] |= {"XPositionUm": 0.0, "YPositionUm": 0.0, "ZPositionUm": 0.0}
    write_json(tmp_path / "metadata.txt", content)

    scan = read_folder(tmp_path)

    assert {(t.stage_x_um, t.stage_y_um, t.stage_z_um) for t in scan.tiles} == {(None, None, None)}
    assert noted(scan, "not read from the stage")


def test_missing_and_unlisted_images_are_noted_and_none_is_lost(tmp_path):
    write_version_2(tmp_path)
    content = json.loads((tmp_path / "metadata.txt").read_text())
    write_json(tmp_path / "metadata.txt", {**content, "Metadata-Pos9/img_z.tif": {}})
    late = "img_channel000_position001_time000000001_z000.tif"
    write_images(tmp_path, [f"Pos1/{late}", "Pos1/stitched.tif", "overview.png"])

    scan = read_folder(tmp_path)

    assert places(scan)[late] == (None, None)
    assert len(scan.tiles) == 3
    assert noted(scan, "metadata.txt lists 1 images that are not in the folder: Pos9/img_z.tif")
    assert noted(scan, f"Without a description are 1 images: {late}")
    assert noted(scan, "Left out as no tiles of this scan are 2 images: overview.png, stitched.tif")


def test_an_acquisition_that_crashed_is_read_up_to_its_end(tmp_path):
    write_version_2(tmp_path)
    written = (tmp_path / "metadata.txt").read_text()
    (tmp_path / "metadata.txt").write_text(written.rstrip("}") + "},\n")

    scan = read_folder(tmp_path)

    assert len(scan.tiles) == 2
    assert noted(scan, "metadata.txt has no end, as after a crash")


def test_an_acquisition_that_was_cut_off_inside_an_entry_loses_only_that(tmp_path):
    write_version_2(tmp_path)
    written = (tmp_path / "metadata.txt").read_text()
    (tmp_path / "metadata.txt").write_text(written[: written.rindex('"YPositionUm"') + 9])

    scan = read_folder(tmp_path)

    assert [tile.stage_x_um for tile in scan.tiles] == [100.0, None]
    assert noted(scan, "metadata.txt has no end, as after a crash")


def test_a_grid_in_which_all_places_are_zero_is_no_grid(tmp_path):
    listed = [{"Label": f"Pos{i}", "GridRow": 0, "GridCol": 0} for i in (0, 1)]
    write_version_2(tmp_path, StagePositions=listed)

    scan = read_folder(tmp_path)

    assert {(tile.row, tile.col) for tile in scan.tiles} == {(None, None)}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "is no valid JSON"),
        ("{", "is no valid JSON"),
        ("[1, 2]", "holds a JSON list"),
        ('{"Summary": {}}', "describes no image"),
        ('{"Summary": {}, "Metadata-a.tif": {"XPositionUm": 1' + "0" * 5000, "is no valid JSON"),
        ("[" * 100_000, "is no valid JSON"),
    ],
)
def test_a_malformed_metadata_file_is_named_without_its_path(tmp_path, written, words):
    write_image(tmp_path / "scan" / "a.tif")
    (tmp_path / "scan" / "metadata.txt").write_text(written)

    with pytest.raises(InvalidValue) as caught:
        read_folder(tmp_path)

    assert str(caught.value).startswith("scan/metadata.txt ")
    assert words in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_nonsense_inside_valid_metadata_is_unknown_and_no_error(tmp_path):
    write_image(tmp_path / "a.tif")
    image = {"XPositionUm": "NaN", "YPositionUm": [], "PixelSizeUm": {}, "PixelSizeAffine": "a;b"}
    write_json(
        tmp_path / "metadata.txt", {"Summary": 5, "Metadata-a.tif": image, "Coords-a.tif": 3}
    )

    (tile,) = read_folder(tmp_path).tiles

    assert by_name(read_folder(tmp_path)) == {"a.tif": tile}
    assert grid(read_folder(tmp_path)) == {"a.tif": (None, None)}
    assert (tile.stage_x_um, tile.stage_y_um, tile.um_per_px) == (None, None, None)
