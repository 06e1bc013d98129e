"""Exports over HTTP, and position lists that come in."""

import csv
import io
import json
import zipfile

import pytest
import yaml

from tests.api.problem import problem_of
from tests.api.serving import Running

# Left, on 400 x 300 pixels of 0.4 um that the stage centred at (1000, -2000) um.
CENTRE_UM = (1000 + (230 - 200) * 0.4, -2000 + (125 - 150) * 0.4)


@pytest.fixture(scope="module")
def scan_id(running: Running, flake_png: bytes) -> int:
    scan_id = running.open_scan(name='../chip "12"\r\nX: y', um_per_px=0.4)
    place = {"stage_x_um": 1000, "stage_y_um": -2000, "stage_z_um": 4.5}
    running.post_tile(scan_id, flake_png, **place).raise_for_status()
    return scan_id


@pytest.fixture(scope="module")
def loose_id(running: Running, flake_png: bytes) -> int:
    scan_id = running.open_scan(name="loose")
    running.post_tile(scan_id, flake_png, name="b 01.png").raise_for_status()
    return scan_id


def fetch(running: Running, scan_id: int, form: str, **query):
    return running.http.get(f"/v1/scans/{scan_id}/export/{form}", params=query)


@pytest.mark.parametrize(
    ("form", "media_type", "ending"),
    [
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("json", "application/json", "json"),
        ("geojson", "application/geo+json", "geojson"),
        ("coco", "application/json", "coco.json"),
        ("pos", "application/json", "pos"),
        ("useq", "application/json", "useq.json"),
        ("nis", "application/xml", "xml"),
        ("gds", "application/octet-stream", "gds"),
        ("pdf", "application/pdf", "pdf"),
        ("zip", "application/zip", "zip"),
    ],
)
def test_every_format_is_a_file_with_a_safe_name(running, scan_id, form, media_type, ending):
    answer = fetch(running, scan_id, form)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    expected = f'attachment; filename="chip-12-X-y-scan-{scan_id}.{ending}"'
    assert answer.headers["content-disposition"] == expected
    assert len(answer.content) > 100


def test_places_are_those_of_the_drawn_flake(running, scan_id):
    (row,) = csv.DictReader(io.StringIO(fetch(running, scan_id, "csv").text))

    assert (float(row["x_um"]), float(row["y_um"])) == pytest.approx(CENTRE_UM, abs=0.4)
    assert float(row["z_um"]) == 4.5
    (listed,) = running.http.get(f"/v1/scans/{scan_id}/flakes").json()["items"]
    assert (float(row["x_um"]), float(row["y_um"])) == pytest.approx(listed["centre_um"], abs=0.01)


def test_options_reach_their_formats(running, scan_id):
    old = fetch(running, scan_id, "pos", version="1.4", xy_stage="Prior", z_stage="Piezo").json()
    devices = {one["DEVICE"]: one for one in old["POSITIONS"][0]["DEVICES"]}
    assert (devices.keys(), devices["Piezo"]["X"]) == ({"Prior", "Piezo"}, 4.5)

    places = fetch(running, scan_id, "useq", **{"as": "yaml"})
    assert places.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(places.text)["stage_positions"][0]["z"] == 4.5

    outlines = fetch(running, scan_id, "coco", masks="polygons").json()
    assert isinstance(outlines["annotations"][0]["segmentation"], list)

    marks = ["1000,-2000,0,0", "2000,-2000,1000,0", "1000,-1000,0,-1000"]
    design = fetch(running, scan_id, "gds", mark=marks)
    assert design.headers["flakescope-notes"].startswith("Alignment: affine by 3 marks")


def test_filters_are_those_of_the_list(running, scan_id):
    assert json.loads(fetch(running, scan_id, "json", min_p=0.99).text)["flakes"] == []
    assert len(fetch(running, scan_id, "json", graphene="true").json()["flakes"]) == 1
    assert (
        fetch(running, scan_id, "pos", min_area_um2=1e9).json()["map"]["StagePositions"]["array"]
        == []
    )


@pytest.mark.parametrize(
    ("form", "query", "reason"),
    [
        ("csv", {"version": "1.4"}, "version is no option of csv"),
        ("pos", {"as": "yaml"}, "as is no option of pos"),
        ("pos", {"version": "3"}, "version is '3'; it has to be one of 2, 1.4"),
        ("csv", {"colour": "red"}, "colour is no field of this call"),
        ("csv", {"sort": "x"}, "sort is 'x'"),
        ("csv", {"graphene": "true", "everything": "true"}, "everything contradicts graphene"),
        ("xlsx", {}, "format should be 'csv', 'json'"),
        ("gds", {"mark": "1,2,3"}, "mark should be four numbers x,y,X,Y, is '1,2,3'"),
        ("gds", {"mark": "1,2,3,4"}, "an alignment needs 2 or more"),
        ("gds", {"mark": ["nan,2,3,4", "1,2,3,4"]}, "mark is nan"),
        ("zip", {"mark": "1,2,3,4"}, "an alignment needs 2 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(running, scan_id, form, query, reason):
    assert reason in problem_of(fetch(running, scan_id, form, **query), 422)["detail"]


def test_a_scan_that_is_not_there_has_no_exports(running):
    for form in ("csv", "pos", "zip"):
        problem_of(fetch(running, 999, form), 404)


@pytest.mark.parametrize("form", ["geojson", "pos", "useq", "nis", "gds"])
def test_formats_of_places_refuse_a_scan_without_places(running, loose_id, form):
    detail = problem_of(fetch(running, loose_id, form), 409)["detail"]

    assert "has no stage coordinates" in detail
    assert f"POST /v1/scans/{loose_id}/positions" in detail


@pytest.mark.parametrize("form", ["csv", "json", "coco", "pdf", "zip"])
def test_the_other_formats_work_without_places(running, loose_id, form):
    assert fetch(running, loose_id, form).status_code == 200


def test_an_archive_streams_whole(running, scan_id):
    with zipfile.ZipFile(io.BytesIO(fetch(running, scan_id, "zip").content)) as archive:
        assert archive.testzip() is None
        assert "README.txt" in archive.namelist()


def tie(running: Running, scan_id: int, content: bytes | None, name: str = "list.csv", **form):
    files = {"file": (name, content)} if content is not None else None
    data = {field: str(value) for field, value in form.items()}
    path = f"/v1/scans/{scan_id}/positions"
    return running.http.post(path, files=files, data=data)


def test_a_position_list_ties_a_scan(running, flake_png):
    scan_id = running.open_scan(name="to be tied")
    running.post_tile(scan_id, flake_png, name="b 01.png").raise_for_status()
    table = b"name,stage_x_um,stage_y_um\nb 01.png,1000,-2000\nc.png,3000,-2000\n"

    answer = tie(running, scan_id, table, um_per_px=0.4)

    assert answer.status_code == 202, answer.text
    tied = answer.json()
    assert (tied["matched"], tied["positions"], tied["tiles"]) == (1, 2, 1)
    assert tied["unmatched_positions"] == ["position 2 (c.png)"]
    assert (tied["format"], tied["state"]) == ("table of positions (CSV)", "queued")
    (tile,) = running.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"]
    assert (tile["stage_x_um"], tile["stage_y_um"], tile["um_per_px"]) == (1000, -2000, 0.4)
    running.http.post(f"/v1/scans/{scan_id}/cancel").raise_for_status()


def test_our_own_position_list_can_come_back(running, scan_id):
    places = fetch(running, scan_id, "pos").content
    detail = problem_of(tie(running, scan_id, places, "a.pos", match="order"), 409)["detail"]

    assert "a.png stands at x 1000.000 um, y -2000.000 um already" in detail


def test_lists_that_do_not_fit_are_refused(running, loose_id, scan_id):
    table = b"name,x_um,y_um\nc.png,1,2\n"
    assert "No position of the list has" in problem_of(tie(running, loose_id, table), 422)["detail"]
    assert "needs columns for x and y" in problem_of(tie(running, loose_id, b"?"), 422)["detail"]
    assert "Give a list" in problem_of(tie(running, loose_id, None, match="name"), 422)["detail"]
    problem_of(tie(running, 999, table), 404)
