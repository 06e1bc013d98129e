"""Reviews of many flakes, undone, and the queue: over HTTP."""

from tests.api.drawn import draw_tile, png_of
from tests.api.problem import problem_of
from tests.api.serving import Running


def test_reviews_over_http(running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=0.5)
    flake_id = running.post_tile(scan_id, flake_png, row=0, col=0).json()["flakes"][0]["id"]
    queue = running.http.get("/v1/review-queue", params={"scan_id": scan_id}).json()["items"]
    assert [one["flake"]["id"] for one in queue] == [flake_id]

    body = {"flake_ids": [flake_id], "label": "not_graphene", "note": "tape"}
    reviewed = running.http.post("/v1/reviews", json=body).json()["items"]
    assert reviewed[0]["review"]["reviewer"] == "local"
    assert running.http.get(f"/v1/review-queue?scan_id={scan_id}").json()["items"] == []
    undone = running.http.delete(f"/v1/flakes/{flake_id}/review")
    assert undone.json()["review"] is None
    history = running.http.get(f"/v1/flakes/{flake_id}/reviews").json()["items"]
    assert [(one["label"], one["undone_by"]) for one in history] == [("not_graphene", "local")]
    problem_of(running.http.delete(f"/v1/flakes/{flake_id}/review"), 404)
    problem_of(running.http.post("/v1/reviews", json=body | {"flake_ids": []}), 422)


def test_several_reviews_are_taken_back_at_once_but_not_what_was_said_since(running: Running):
    scan_id = running.open_scan(um_per_px=0.5)
    tile = png_of(draw_tile((20, 20, 30, 30), (120, 60, 48, 48)))
    flakes = running.post_tile(scan_id, tile, row=0, col=0).json()["flakes"]
    one, other = sorted(flake["id"] for flake in flakes)
    body = {"flake_ids": [one, other], "label": "not_graphene"}
    reviewed = running.http.post("/v1/reviews", json=body).raise_for_status().json()["items"]
    ids = [flake["review"]["id"] for flake in reviewed]
    running.http.put(f"/v1/flakes/{other}/review", json={"label": "graphene"}).raise_for_status()

    undone = running.http.post("/v1/reviews/undo", json={"review_ids": ids}).json()
    assert [(flake["id"], flake["review"]) for flake in undone["items"]] == [(one, None)]
    assert undone["kept"] == [other]
    assert running.http.get(f"/v1/flakes/{other}").json()["review"]["label"] == "graphene"
    open_ones = running.http.get(f"/v1/scans/{scan_id}/flakes?reviewed=false").json()["items"]
    assert [flake["id"] for flake in open_ones] == [one]
    # Said twice it changes nothing more.
    again = running.http.post("/v1/reviews/undo", json={"review_ids": [*ids, 10**9]}).json()
    assert again == {"items": [], "kept": [one, other]}
    problem_of(running.http.post("/v1/reviews/undo", json={"review_ids": []}), 422)


def test_changes_of_a_scan_over_http(running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=0.5)
    running.post_tile(scan_id, flake_png, row=0, col=0)
    path = f"/v1/scans/{scan_id}/changes"

    problem_of(running.http.get(path, params={"from": "tiny-1", "to": "nobody"}), 404)
    problem_of(running.http.get(path, params={"from": "tiny-1"}), 422)
