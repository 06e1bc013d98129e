"""Everything in one zip."""

import csv
import io
import zipfile

import cv2
import numpy as np
import pytest
import useq

from service.formats.readers.position_list import read_position_list
from service.scans.tile_list import list_tiles
from tests.exports.conftest import Bring, Filled

POSITIONS = {
    "flakes.geojson",
    "micro_manager_2.pos",
    "micro_manager_1.4.pos",
    "useq.json",
    "useq.yaml",
    "nis_points.xml",
    "flakes.gds",
}
ALWAYS = {
    "flakes.csv",
    "flakes.json",
    "coco_rle.json",
    "coco_polygons.json",
    "report.pdf",
    "tiles.csv",
    "README.txt",
}


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def found(filled: Filled) -> dict[str, bytes]:
    return members(filled.write("zip"))


def test_it_holds_every_format_and_a_picture_of_each_flake(filled: Filled, found, tmp_path):
    pictures = {name for name in found if name.startswith("crops/")}
    assert found.keys() - pictures == POSITIONS | ALWAYS
    assert pictures == {f"crops/{label}.png" for label in filled.flakes}
    (tmp_path / "useq.yaml").write_bytes(found["useq.yaml"])
    sequence = useq.MDASequence.from_file(tmp_path / "useq.yaml")
    assert len(sequence.stage_positions) == len(filled.flakes)
    for name in found.keys() - pictures - {"README.txt"}:
        assert name in found["README.txt"].decode(), "the README names each file"


def test_a_picture_shows_its_flake_with_what_lies_around(filled: Filled, found):
    for label, view in list(filled.flakes.items())[:10]:
        picture = cv2.imdecode(np.frombuffer(found[f"crops/{label}.png"], np.uint8), 1)
        _, _, width, height = view.bbox_px
        assert picture.shape[0] > height
        assert picture.shape[1] > width


def test_its_table_of_tiles_is_a_position_list(filled: Filled, found):
    listed = read_position_list("tiles.csv", found["tiles.csv"])
    tiles = list_tiles(filled.stores.sessions, filled.scan_id).items
    assert [(one.label, one.row, one.col) for one in listed.positions] == [
        (tile.name, tile.row, tile.col) for tile in tiles
    ]
    assert [(one.x_um, one.y_um) for one in listed.positions] == [
        pytest.approx((tile.stage_x_um, tile.stage_y_um), abs=1e-6) for tile in tiles
    ]


def test_without_coordinates_it_says_what_is_missing_and_why(bring: Bring):
    found = members(bring(placed=False).write("zip"))

    assert not POSITIONS & found.keys()
    assert found.keys() >= ALWAYS
    readme = found["README.txt"].decode()
    assert "Not in here:" in readme
    assert "flakes.gds" in readme
    assert "has no stage coordinates" in readme
    rows = list(csv.DictReader(io.StringIO(found["flakes.csv"].decode())))
    assert rows
    assert {row["x_um"] for row in rows} == {""}
