"""Reviews of many flakes, undone, and the queue: over HTTP."""

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


def test_changes_of_a_scan_over_http(running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=0.5)
    running.post_tile(scan_id, flake_png, row=0, col=0)
    path = f"/v1/scans/{scan_id}/changes"

    problem_of(running.http.get(path, params={"from": "tiny-1", "to": "nobody"}), 404)
    problem_of(running.http.get(path, params={"from": "tiny-1"}), 422)
