"""Map and pictures over HTTP: what a browser may keep, and who may look."""

import cv2
import numpy as np
import pytest

from tests.api.problem import problem_of
from tests.api.serving import Running


@pytest.fixture(scope="module")
def scan_id(running: Running, flake_png: bytes) -> int:
    scan_id = running.open_scan(um_per_px=0.5, oxide_nm=90)
    running.post_tile(scan_id, flake_png, row=0, col=0, stage_x_um=500, stage_y_um=200)
    return scan_id


@pytest.fixture(scope="module")
def tile(running: Running, scan_id: int) -> dict:
    return running.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"][0]


def test_a_posted_tile_is_on_the_map_with_its_flake_in_the_right_place(
    running: Running, scan_id: int
):
    http = running.http
    chip_map = http.get(f"/v1/scans/{scan_id}/map").json()
    assert (chip_map["laid_out"], chip_map["y_axis"], chip_map["camera_turn_deg"]) == (
        "stage",
        "down",
        0,
    )
    assert chip_map["extent"] == [400, 125, 600, 275]
    assert (chip_map["tiles"], chip_map["tiles_without_picture"]) == (1, 0)

    flakes = http.get(
        f"/v1/scans/{scan_id}/map/flakes", params={"bbox": "400,125,600,275", "outlines": True}
    ).json()
    (flake,) = http.get(f"/v1/scans/{scan_id}/flakes").json()["items"]
    assert flakes["id"] == [flake["id"]]
    assert (flakes["x"][0], flakes["y"][0]) == pytest.approx(flake["centre_um"], abs=0.01)
    assert flakes["polygon"] == [flake["polygon_um"]]
    assert flakes["is_complete"]

    overview = http.get(f"/v1/scans/{scan_id}/map/overview", params={"max_px": 400})
    picture = cv2.imdecode(np.frombuffer(overview.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (300, 400, 3)
    inside, outside = picture[110:140, 210:250].mean(), picture[200:, :150].mean()
    assert inside / outside == pytest.approx(0.88, abs=0.02)


def test_a_square_is_kept_by_its_revision_or_asked_for_by_its_etag(running: Running, scan_id: int):
    http = running.http
    chip_map = http.get(f"/v1/scans/{scan_id}/map").json()
    zoom = chip_map["min_zoom"]
    side = 256 * chip_map["resolutions"][zoom]
    x, y = (int((at - o) // side) for at, o in zip((500, 200), chip_map["origin"], strict=True))
    path = f"/v1/scans/{scan_id}/map/{zoom}/{x}/{y}"

    plain = http.get(path)
    named = http.get(path, params={"v": chip_map["revision"]})
    again = http.get(path, headers={"If-None-Match": plain.headers["etag"]})

    assert plain.headers["content-type"] == "image/webp"
    assert plain.headers["cache-control"] == "private, no-cache"
    assert named.headers["cache-control"] == "private, max-age=86400, immutable"
    assert (again.status_code, again.content) == (304, b"")
    problem_of(http.get(f"/v1/scans/{scan_id}/map/64/0/0"), 404)


def test_an_image_comes_as_it_was_sent_or_smaller(running: Running, tile: dict, flake_png: bytes):
    http, path = running.http, f"/v1/tiles/{tile['id']}/image"

    original = http.get(path, params={"v": tile["sha256"]})
    small = http.get(path, params={"max_px": 100})
    again = http.get(path, params={"max_px": 100}, headers={"If-None-Match": small.headers["etag"]})

    assert original.content == flake_png
    assert original.headers["content-type"] == "image/png"
    assert original.headers["cache-control"] == "private, max-age=86400, immutable"
    assert small.headers["content-type"] == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(small.content, np.uint8), 1).shape == (75, 100, 3)
    assert again.status_code == 304
    problem_of(http.get(path, params={"max_px": 5}), 422)
    problem_of(http.get("/v1/tiles/999999/image"), 404)


def test_flakes_of_a_map_are_packed_where_the_caller_can_unpack(running: Running, scan_id: int):
    path = f"/v1/scans/{scan_id}/map/flakes"

    packed = running.http.get(path, headers={"Accept-Encoding": "gzip"})
    plain = running.http.get(path, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "nan,0,1,1", "0,0,inf,1"])
def test_a_box_that_is_none_is_refused(running: Running, scan_id: int, bbox: str):
    answer = running.http.get(f"/v1/scans/{scan_id}/map/flakes", params={"bbox": bbox})

    problem_of(answer, 422)


def test_an_empty_and_a_cancelled_scan_say_that_there_is_nothing_to_show(running: Running):
    scan_id = running.open_scan()
    running.http.post(f"/v1/scans/{scan_id}/cancel").raise_for_status()

    chip_map = running.http.get(f"/v1/scans/{scan_id}/map").json()
    square = running.http.get(f"/v1/scans/{scan_id}/map/0/0/0")
    flakes = running.http.get(f"/v1/scans/{scan_id}/map/flakes").json()

    assert (chip_map["extent"], chip_map["resolutions"]) == (None, [])
    assert "nothing to show yet" in problem_of(square, 404)["detail"]
    assert (flakes["total"], flakes["id"]) == (0, [])
    problem_of(running.http.get("/v1/scans/999999/map"), 404)
