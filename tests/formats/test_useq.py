from pathlib import Path

import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from tests.formats.drawn import by_name, grid, noted, places, write_image, write_json

PLAN = {"rows": 2, "columns": 3, "overlap": [10, 10], "mode": "row_wise_snake"}
SNAKE = [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]


def write_sequence(folder: Path, *, measured: bool = True, plan: dict | None = None) -> None:
    """A grid of 2 x 3 as pymmcore-plus writes it: rows run towards smaller y."""
    frames = {}
    for place, (row, col) in enumerate(SNAKE):
        file = f"{place:05}_p000_g{place:03}_c00.tif"
        write_image(folder / file, place)
        x_um, y_um = 1000.0 + 80.0 * col, 500.0 - 60.0 * row
        frames[file] = {
            "format": "frame-dict",
            "version": "1.0",
            "pixel_size_um": 0.25,
            "mda_event": {
                "index": {"p": 0, "g": place, "c": 0},
                "x_pos": x_um,
                "y_pos": y_um,
                "z_pos": 12.0,
                "pos_name": "chip",
            },
        }
        if measured:
            frames[file]["position"] = {"x": x_um + 0.5, "y": y_um, "z": 12.25, "all_stages": []}
    write_json(folder / "_frame_metadata.json", frames)
    write_json(folder / "_useq_MDASequence.json", {"grid_plan": PLAN if plan is None else plan})


def test_a_sequence_has_the_places_where_the_stage_really_was(tmp_path):
    write_sequence(tmp_path)

    scan = read_folder(tmp_path)

    assert scan.format == "pymmcore-plus image sequence (_frame_metadata.json)"
    assert list(grid(scan).values()) == SNAKE
    assert places(scan)["00003_p000_g003_c00.tif"] == (1160.5, 440.0)
    assert {(tile.stage_z_um, tile.um_per_px) for tile in scan.tiles} == {(12.25, 0.25)}
    assert scan.side_files == ("_frame_metadata.json", "_useq_MDASequence.json")


def test_where_the_stage_was_not_asked_the_places_it_was_sent_to_are_taken(tmp_path):
    write_sequence(tmp_path, measured=False)

    assert places(read_folder(tmp_path))["00003_p000_g003_c00.tif"] == (1160.0, 440.0)


def test_rows_that_run_towards_smaller_y_are_a_hint_at_a_flip_but_no_flip(tmp_path):
    write_sequence(tmp_path)

    scan = read_folder(tmp_path)

    assert (scan.flip_y, scan.orientation_stated) == (False, False)
    assert noted(scan, "Rows run towards smaller stage y: the images may need flip_y.")


@pytest.mark.parametrize(
    ("mode", "order"),
    [
        ("row_wise", [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]),
        ("column_wise", [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]),
        ("column_wise_snake", [(0, 0), (1, 0), (1, 1), (0, 1), (0, 2), (1, 2)]),
        ("spiral", [(None, None)] * 6),
    ],
)
def test_rows_and_columns_follow_the_order_of_the_plan(tmp_path, mode, order):
    write_sequence(tmp_path, plan={**PLAN, "mode": mode})

    assert list(grid(read_folder(tmp_path)).values()) == order


def test_frames_after_the_last_flush_are_tiles_without_a_position(tmp_path):
    write_sequence(tmp_path)
    write_image(tmp_path / "00006_p000_g006_c00.tif")

    tile = by_name(read_folder(tmp_path))["00006_p000_g006_c00.tif"]

    assert (tile.stage_x_um, tile.row) == (None, None)


@pytest.mark.parametrize("written", ["{", '{"00000_g000.tif": 3}', "null"])
def test_malformed_frame_metadata_is_named(tmp_path, written):
    write_image(tmp_path / "00000_g000.tif")
    (tmp_path / "_frame_metadata.json").write_text(written)

    with pytest.raises(InvalidValue, match=r"^_frame_metadata\.json "):
        read_folder(tmp_path)
