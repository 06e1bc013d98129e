import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from service.formats.folder_scan import FolderScan
from service.formats.read_folder import read_folder, tile_bytes
from service.vision.decode import decode
from service.vision.stage import StageMap, reference_of
from tests.formats.drawn import affine_of

FOLDERS = {
    "micromanager_17294f8a": "Micro-Manager 2 (metadata.txt)",
    "leica_20ea4e7f": "Leica LAS X TileScan (.xlif)",
    "csv_acb69ba8": "table of positions (CSV)",
}


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    return shared_data / "scans" / request.param


@pytest.fixture
def truth(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text())


def test_every_tile_of_a_real_scan_is_where_the_truth_says(folder, truth):
    scan = read_folder(folder)

    assert scan.format == FOLDERS[folder.name]
    assert scan.um_per_px == pytest.approx(truth["um_per_px"], abs=1e-9)
    found = {(tile.row, tile.col): tile for tile in scan.tiles}
    assert len(scan.tiles) == len(found) == len(truth["tiles"])
    for expected in truth["tiles"]:
        tile = found[expected["row"], expected["col"]]
        assert tile.stage_x_um == pytest.approx(expected["stage_x_um"], abs=0.01)
        assert tile.stage_y_um == pytest.approx(expected["stage_y_um"], abs=0.01)
        assert tile.um_per_px == pytest.approx(truth["um_per_px"], abs=1e-9)


def test_every_pixel_of_a_real_scan_lies_where_its_frame_says(folder, truth):
    scan = read_folder(folder)

    at = {(tile["row"], tile["col"]): (tile["x_px"], tile["y_px"]) for tile in truth["tiles"]}
    for tile in scan.tiles:
        width, height = truth["tile_px"]
        stage = StageMap(
            affine_of(scan),
            reference_of(width, height, scan.position_reference),
            (tile.stage_x_um, tile.stage_y_um),
        )
        points = np.array([[0, 0], [width, 0], [0, height], [width / 3, height / 7]])
        in_frame = points + at[tile.row, tile.col]
        up = -1 if folder.name.startswith("micromanager") else 1
        expected = np.array([12000.0, -8000.0]) + in_frame * truth["um_per_px"] * (1, up)
        assert stage.to_stage(points) == pytest.approx(expected, abs=0.001)


def test_y_grows_upwards_where_micro_managers_affine_says_so(shared_data):
    scan = read_folder(shared_data / "scans" / "micromanager_17294f8a")

    assert (scan.flip_x, scan.flip_y, scan.swap_xy, scan.affine) == (False, True, False, None)
    assert scan.orientation_stated


def test_a_real_tile_goes_to_the_decoder_as_it_is(folder, truth):
    for tile in read_folder(folder).tiles:
        data = tile_bytes(tile)

        assert data == tile.path.read_bytes()
        assert decode(data).pixels.shape == (truth["tile_px"][1], truth["tile_px"][0], 3)


def test_a_folder_around_the_scan_changes_nothing(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "upload" / "scan of Monday")

    inner, outer = read_folder(folder), read_folder(tmp_path)

    assert _described(outer) == _described(inner)


def _described(scan: FolderScan) -> list[tuple]:
    return [
        (t.path.name, t.name, t.row, t.col, t.stage_x_um, t.stage_y_um, t.stage_z_um, t.um_per_px)
        for t in scan.tiles
    ]
