"""The live loop over HTTP: next flake, the image that was taken there, the next."""

from tests.api.drawn import draw_tile, png_of
from tests.api.problem import problem_of
from tests.api.serving import Running

SCALE = {"um_per_px": 0.5, "oxide_nm": 90}
PLACE = {"stage_x_um": 1000, "stage_y_um": -50}


def test_a_flake_is_next_until_an_image_of_it_is_linked(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)
    (flake,) = running.post_tile(scan_id, flake_png, **PLACE).json()["flakes"]
    url = f"/v1/scans/{scan_id}/next-flake"
    before = running.http.get(url, params={"layers": [1, 2], "min_p": 0.5}).json()
    image = png_of(draw_tile((150, 100, 90, 80)))

    revisits = f"/v1/flakes/{flake['id']}/revisits"
    added = running.http.post(
        revisits,
        files={"image": ("C:\\100x\\flake.png", image)},
        data={"um_per_px": 0.08, "note": "clean", "screen": "true"},
    )
    again = running.http.post(revisits, files={"image": ("flake.png", image)})
    after = running.http.get(url).json()

    assert before == {"flake": flake, "merit_um2": before["merit_um2"], "waiting": 1}
    assert before["flake"]["centre_um"] is not None
    assert (added.status_code, again.status_code) == (201, 200)
    shown = added.json()
    assert (shown["name"], shown["um_per_px"], shown["note"]) == ("flake.png", 0.08, "clean")
    assert len(shown["flakes"]) == 1
    assert shown["flakes"][0]["id"] is None
    assert again.json() == shown | {"flakes": None}
    listed = running.http.get(revisits).json()["items"]
    assert [one["id"] for one in listed] == [shown["id"]]
    kept = running.http.get(f"{revisits}/{shown['id']}/image")
    assert (kept.content, kept.headers["content-type"]) == (image, "image/png")
    assert after == {"flake": None, "merit_um2": None, "waiting": 0}


def test_an_image_that_cannot_be_screened_is_not_linked(running: Running, flake_png: bytes):
    scan_id = running.open_scan(**SCALE)
    (flake,) = running.post_tile(scan_id, flake_png, **PLACE).json()["flakes"]
    url = f"/v1/flakes/{flake['id']}/revisits"

    refused = running.http.post(
        url, files={"image": ("a.png", flake_png[:200])}, data={"screen": "true"}
    )

    problem_of(refused, 422)
    assert running.http.get(url).json() == {"items": []}


def test_what_is_not_there_is_not_found(running: Running, flake_png: bytes):
    problem_of(running.http.get("/v1/scans/987654/next-flake"), 404)
    problem_of(running.http.get("/v1/flakes/987654/revisits"), 404)
    problem_of(running.http.get("/v1/flakes/987654/revisits/1/image"), 404)
    missing = running.http.post("/v1/flakes/987654/revisits", files={"image": flake_png})
    problem_of(missing, 404)
    problem_of(running.http.get("/v1/scans/1/next-flake", params={"sort": "id"}), 422)
