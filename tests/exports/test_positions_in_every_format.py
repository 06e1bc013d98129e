"""Each format read by the library it is for: the same places as in the database, to 0.01 um."""

import csv
import json
import xml.etree.ElementTree as ET

import gdstk
import numpy as np
import pytest
import useq
from sqlalchemy import update

from service.db.tables import Tile
from service.exports.exporting import ExportOptions
from service.exports.writers.positions import Stages
from service.formats.readers.position_list import read_position_list
from service.scans.tile_schemas import Flake
from tests.exports.conftest import Bring, Filled

SAME_UM = 0.01


@pytest.fixture(scope="module")
def flakes(filled: Filled) -> dict[str, Flake]:
    found = filled.flakes
    assert len(found) > 10
    return found


def assert_same_places(found: dict[str, tuple], flakes: dict[str, Flake]):
    assert found.keys() == flakes.keys()
    for label, place in found.items():
        assert place == pytest.approx(flakes[label].centre_um, abs=SAME_UM)


def test_csv(filled: Filled, flakes):
    with filled.write("csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    places = {row["label"]: (float(row["x_um"]), float(row["y_um"])) for row in rows}
    assert_same_places(places, flakes)
    areas = [float(row["area_um2"]) for row in rows]
    assert areas == sorted(areas, reverse=True)
    assert areas == pytest.approx([flakes[row["label"]].area_um2 for row in rows], abs=SAME_UM)
    assert all(row["z_um"] == "" for row in rows)


def test_json(filled: Filled, flakes):
    content = json.loads(filled.write("json").read_bytes())

    assert_same_places({one["label"]: one["centre_um"] for one in content["flakes"]}, flakes)
    for one in content["flakes"]:
        expected = flakes[one["label"]].polygon_um
        assert np.array(one["polygon_um"]) == pytest.approx(np.array(expected), abs=SAME_UM)
        outline = flakes[one["label"]].polygon_px
        assert one["polygon_px"] == [list(point) for point in outline]
    assert content["scan"]["id"] == filled.scan_id


def test_geojson(filled: Filled, flakes):
    content = json.loads(filled.write("geojson").read_bytes())

    assert content["type"] == "FeatureCollection"
    assert (content["coordinate_system"]["units"], content["left_out"]) == ("um", 0)
    places = {
        one["properties"]["label"]: one["properties"]["centre_um"] for one in content["features"]
    }
    assert_same_places(places, flakes)
    for one in content["features"]:
        (ring,) = one["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        x, y = np.array(ring).T
        assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0, "exterior rings are counterclockwise"
        expected = np.array(flakes[one["properties"]["label"]].polygon_um)
        assert_same_outline(np.array(ring[:-1]), expected)


def assert_same_outline(found: np.ndarray, expected: np.ndarray):
    """The same points in the same turn, wherever it begins and whichever way it goes."""
    assert len(found) == len(expected)
    for way in (expected, expected[::-1]):
        start = int(np.argmin(np.hypot(*(way - found[0]).T)))
        if np.abs(np.roll(way, -start, axis=0) - found).max() <= SAME_UM:
            return
    raise AssertionError("the outlines differ")


def test_micro_manager_2(filled: Filled, flakes):
    content = json.loads(filled.write("pos").read_text("utf-8"))

    assert {key: content[key] for key in ("encoding", "format", "major_version")} == {
        "encoding": "UTF-8",
        "format": "Micro-Manager Property Map",
        "major_version": 2,
    }
    listed = content["map"]["StagePositions"]
    assert listed["type"] == "PROPERTY_MAP"
    found = {}
    for one in listed["array"]:
        assert one["DefaultXYStage"] == {"type": "STRING", "scalar": "XYStage"}
        (device,) = one["DevicePositions"]["array"]  # no focus is known: none is driven
        assert device["Device"] == {"type": "STRING", "scalar": "XYStage"}
        assert device["Position_um"]["type"] == "DOUBLE"
        found[one["Label"]["scalar"]] = tuple(device["Position_um"]["array"])
    assert_same_places(found, flakes)


def test_micro_manager_14(filled: Filled, flakes):
    content = json.loads(filled.write("pos", options=ExportOptions(version="1.4")).read_bytes())

    assert (content["VERSION"], content["ID"]) == (3, "Micro-Manager XY-position list")
    found = {}
    for one in content["POSITIONS"]:
        (device,) = one["DEVICES"]
        assert (device["DEVICE"], device["AXES"]) == (one["DEFAULT_XY_STAGE"], 2)
        found[one["LABEL"]] = (device["X"], device["Y"])
    assert_same_places(found, flakes)


@pytest.mark.parametrize("encoding", ["json", "yaml"])
def test_useq(filled: Filled, flakes, encoding):
    path = filled.write("useq", options=ExportOptions(encoding=encoding))

    sequence = useq.MDASequence.from_file(path)

    assert path.suffix == f".{encoding}"
    assert_same_places({one.name: (one.x, one.y) for one in sequence.stage_positions}, flakes)
    assert {one.z for one in sequence.stage_positions} == {None}
    assert sequence.metadata["scan_id"] == filled.scan_id


def test_nis(filled: Filled, flakes):
    content = filled.write("nis").read_bytes()

    assert content.startswith(b"\xff\xfe")
    root = ET.fromstring(content)
    (listed,) = root
    assert (root.tag, listed.get("runtype")) == ("variant", "CLxListVariant")
    assert listed.find("bIncludeZ").get("value") == "false"
    points = [one for one in listed if one.tag.startswith("Point")]
    assert [one.tag for one in points] == [f"Point{number:05d}" for number in range(len(flakes))]
    assert {child.tag for child in points[0]} == {
        "bChecked",
        "strName",
        "dXPosition",
        "dYPosition",
        "dZPosition",
        "dPFSOffset",
        "baUserData",
    }
    found = {
        one.find("strName").get("value"): tuple(
            float(one.find(name).get("value")) for name in ("dXPosition", "dYPosition")
        )
        for one in points
    }
    assert_same_places(found, flakes)


def test_gds(filled: Filled, flakes):
    library = gdstk.read_gds(filled.write("gds"))

    assert library.unit == pytest.approx(1e-6)
    (cell,) = library.top_level()
    assert_same_places({one.text: one.origin for one in cell.labels}, flakes)
    outlines = {}
    for polygon in cell.polygons:
        outlines.setdefault(polygon.layer, []).append(polygon.points)
    assert len(outlines.pop(200)) == 6
    assert len(outlines.pop(201)) == 1
    assert {layer: len(found) for layer, found in outlines.items()} == {
        layer: sum((view.layers or 0) == layer for view in flakes.values())
        for layer in {view.layers or 0 for view in flakes.values()}
    }
    for view in flakes.values():
        expected = np.array(view.polygon_um)
        centre = expected.mean(axis=0)
        nearest = min(outlines[view.layers or 0], key=lambda one: np.hypot(*(one.mean(0) - centre)))
        assert_same_outline(nearest, expected)


def test_focus_is_exported_where_it_is_known(bring: Bring):
    scan = bring()
    with scan.stores.sessions.begin() as session:
        session.execute(update(Tile).values(stage_z_um=12.5))

    for form, options in (
        ("pos", ExportOptions()),
        ("pos", ExportOptions(version="1.4")),
        ("useq", ExportOptions(encoding="yaml")),
        ("useq", ExportOptions()),
        ("nis", ExportOptions()),
    ):
        path = scan.write(form, options=options)
        listed = read_position_list(path.name, path.read_bytes())
        assert {one.z_um for one in listed.positions} == {12.5}, path.name
        places = {one.label: (one.x_um, one.y_um) for one in listed.positions}
        assert_same_places(places, scan.flakes)


def test_micro_manager_gets_the_names_of_its_stages(bring: Bring):
    stages = Stages("Märzhäuser XY", "Focus")

    content = json.loads(bring().write("pos", options=ExportOptions(stages=stages)).read_bytes())

    (first, *_) = content["map"]["StagePositions"]["array"]
    assert first["DefaultXYStage"]["scalar"] == "Märzhäuser XY"
    assert first["DevicePositions"]["array"][0]["Device"]["scalar"] == "Märzhäuser XY"
