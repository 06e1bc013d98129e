"""The whole way of a tile: opened scan, posted image, found flake, review."""

import io
from typing import Any

import pytest
import tifffile

from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.problem import problem_of
from tests.api.serving import Running

SCALE = {"um_per_px": 0.5, "oxide_nm": 90}


def test_a_flake_goes_from_the_posted_tile_to_its_review(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)

    added = running.post_tile(scan_id, flake_png, row=2, col=5, stage_x_um=1000, stage_y_um=-50)
    assert added.status_code == 201
    tile, (flake,) = added.json()["tile"], added.json()["flakes"]
    assert (tile["row"], tile["col"], tile["stage_y_um"], tile["state"]) == (2, 5, -50, "screened")
    # 30 um right of and 25 um above the image's centre.
    assert flake["centre_um"] == pytest.approx(
        (1000 + 0.5 * (230 - 200), -50 + 0.5 * (125 - 150)), abs=0.5
    )

    page = running.http.get(
        f"/v1/scans/{scan_id}/flakes", params={"graphene": True, "layers": "1,2"}
    )
    assert page.json() == {
        "items": [flake],
        "next_cursor": None,
        "total": 1,
        "total_is_exact": True,
    }

    crop = running.http.get(f"/v1/flakes/{flake['id']}/crop.png")
    assert crop.headers["content-type"] == "image/png"
    assert crop.content.startswith(b"\x89PNG")

    verdict = {"label": "graphene", "layers": 1, "note": "clean"}
    reviewed = running.http.put(f"/v1/flakes/{flake['id']}/review", json=verdict)
    assert reviewed.json()["review"] | verdict == reviewed.json()["review"]
    assert running.http.get(f"/v1/flakes/{flake['id']}").json() == reviewed.json()

    scan = running.http.get(f"/v1/scans/{scan_id}").json()
    assert scan["tiles"]["screened"] == 1
    assert scan["flakes"] == {"graphene": 1, "other": 0}

    assert running.http.delete(f"/v1/scans/{scan_id}").status_code == 204
    problem_of(running.http.get(f"/v1/flakes/{flake['id']}"), 404)


def test_the_same_tile_again_is_the_same_answer(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)

    first = running.post_tile(scan_id, flake_png, row=0, col=0)
    again = running.post_tile(scan_id, flake_png, row=0, col=0)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert running.http.get(f"/v1/scans/{scan_id}").json()["tiles"]["screened"] == 1


@pytest.mark.parametrize("place", ["form", "query"])
def test_other_bytes_at_a_position_need_to_be_told_to_replace(
    running: Running, flake_png: bytes, empty_png: bytes, place: str
):
    scan_id = running.open_scan(**SCALE)
    running.post_tile(scan_id, flake_png, row=0, col=0)

    refused = running.post_tile(scan_id, empty_png, row=0, col=0)
    assert problem_of(refused, 409)["type"].endswith(":conflict")

    replaced = running.http.post(
        f"/v1/scans/{scan_id}/tiles",
        files={"image": empty_png},
        data={"row": 0, "col": 0} | ({"replace": True} if place == "form" else {}),
        params={"replace": True} if place == "query" else {},
    )
    assert replaced.json()["flakes"] == []
    assert running.http.get(f"/v1/scans/{scan_id}/flakes").json()["total"] == 0


def test_without_a_position_a_tile_is_known_by_its_files_name(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)

    added = running.post_tile(scan_id, flake_png, name="..\\..\\C:\\scans\\tile7.png")
    again = running.post_tile(scan_id, flake_png, name="tile7.png")

    assert added.json()["tile"]["name"] == "tile7.png"
    assert again.status_code == 200


def test_a_tile_that_may_wait_is_stored_and_answered_without_flakes(
    running: Running, flake_png: bytes
):
    scan_id = running.open_scan(**SCALE)

    answers = [running.post_tile_later(scan_id, flake_png) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.headers["preference-applied"] for answer in answers} == {"respond-async"}
    assert len({answer.json()["tile"]["id"] for answer in answers}) == 1
    assert answers[0].json()["tile"]["state"] == "queued"
    assert answers[0].json()["flakes"] == []
    scan = running.http.get(f"/v1/scans/{scan_id}").json()
    assert scan["tiles"] == {"expected": None, "queued": 1, "screened": 0, "failed": 0}
    listed = running.http.get(f"/v1/scans/{scan_id}/tiles").json()
    assert listed == {"items": [answers[0].json()["tile"]], "next_cursor": None}


def test_a_tile_is_shown_alone_and_among_those_of_its_state(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)
    waiting = running.post_tile_later(scan_id, flake_png).json()["tile"]
    screened = running.post_tile(scan_id, flake_png, row=0, col=1).json()["tile"]

    def listed(state: str) -> list[dict[str, Any]]:
        answer = running.http.get(f"/v1/scans/{scan_id}/tiles", params={"state": state})
        return answer.json()["items"]

    assert running.http.get(f"/v1/tiles/{screened['id']}").json() == screened
    assert (listed("queued"), listed("screened"), listed("failed")) == ([waiting], [screened], [])
    assert running.http.get("/v1/tiles/999999").status_code == 404
    wrong = running.http.get(f"/v1/scans/{scan_id}/tiles", params={"state": "lost"})
    assert wrong.status_code == 422


def test_a_screened_tile_that_may_wait_does_not_wait(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)
    screened = running.post_tile(scan_id, flake_png)

    again = running.post_tile_later(scan_id, flake_png)

    assert again.status_code == 200
    assert again.json() == screened.json()


def test_what_is_no_image_is_refused_before_it_waits(running: Running):
    scan_id = running.open_scan()

    problem = problem_of(running.post_tile_later(scan_id, b"%PDF-1.7"), 422)

    assert "a PDF document" in problem["detail"]


def test_pages_of_flakes_follow_each_other(running: Running):
    scan_id = running.open_scan(**SCALE)
    flakes = [FLAKE_PX, (40, 40, 40, 40), (80, 200, 30, 50)]
    running.post_tile(scan_id, png_of(draw_tile(*flakes)), row=0, col=0)

    areas, cursor = [], None
    for _ in flakes:
        page = running.http.get(
            f"/v1/scans/{scan_id}/flakes",
            params={"sort": "-area_um2", "limit": 1} | ({"cursor": cursor} if cursor else {}),
        ).json()
        areas += [flake["area_um2"] for flake in page["items"]]
        cursor = page["next_cursor"]

    assert areas == sorted(areas, reverse=True)
    assert (len(areas), cursor, page["total"]) == (3, None, 3)


def test_a_tile_whose_file_says_another_scale_than_was_stated_tells_both(running: Running):
    image = ome_tiff(um_per_px=0.3844)
    stated = running.open_scan(um_per_px=0.2)
    same, unsaid = running.open_scan(um_per_px=0.3844), running.open_scan(um_per_px=None)

    tiles = [running.post_tile(one, image, name="a").json() for one in (stated, same, unsaid)]

    assert [one["tile"]["um_per_px"] for one in tiles] == [0.2, 0.3844, pytest.approx(0.3844)]
    assert tiles[0]["tile"]["warnings"] == [
        "The files say 0.3844 um per pixel, 0.2 was stated: what was stated is used."
    ]
    assert tiles[1]["tile"]["warnings"] == tiles[2]["tile"]["warnings"] == []
    (flake,) = tiles[0]["flakes"]
    assert flake["area_um2"] == pytest.approx(flake["area_px"] * 0.2**2)


def ome_tiff(um_per_px: float) -> bytes:
    written = io.BytesIO()
    size = {"PhysicalSizeX": um_per_px, "PhysicalSizeXUnit": "um"}
    size |= {"PhysicalSizeY": um_per_px, "PhysicalSizeYUnit": "um"}
    image = draw_tile(FLAKE_PX)
    metadata = {"axes": "YXS"} | size
    tifffile.imwrite(written, image, ome=True, photometric="rgb", metadata=metadata)
    return written.getvalue()
