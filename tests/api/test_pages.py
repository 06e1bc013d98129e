"""What the pages for review, models and settings ask the service for."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from service.api.status import little_room, no_trainer
from service.db.migrate import downgrade
from service.jobs.workers import Signs
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving

GIB = 2**30


@pytest.fixture(scope="module")
def flake(running: Running, flake_png: bytes) -> dict:
    scan_id = running.open_scan(oxide_nm=90)
    return running.post_tile(scan_id, flake_png).json()["flakes"][0]


def shown(answer) -> np.ndarray:
    assert answer.headers["content-type"] == "image/png"
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


def test_a_crop_comes_in_any_view_and_size_and_is_not_sent_twice(running: Running, flake: dict):
    path = f"/v1/flakes/{flake['id']}/crop.png"
    asked = {"view": "contrast", "outline": True, "size_px": 300, "margin": 0.5}
    first = running.http.get(path, params=asked)
    etag = first.headers["etag"]
    again = running.http.get(path, params=asked, headers={"if-none-match": etag})
    longer = {"if-none-match": f'"0{etag[1:]}'}

    assert max(shown(first).shape) == 300
    assert first.headers["cache-control"] == "private, max-age=60"
    assert (again.status_code, again.content) == (304, b"")
    assert running.http.get(path, params=asked, headers=longer).status_code == 200
    assert running.http.get(path).headers["etag"] != etag
    problem_of(running.http.get(path, params={"size_px": 5000}), 422)


def test_the_optics_of_a_flake_name_its_oxide_and_its_curve(running: Running, flake: dict):
    optics = running.http.get(f"/v1/flakes/{flake['id']}/optics").json()
    assert optics["oxide"]["source"] == "scan"
    assert [point["layers"] for point in optics["curve"]] == list(range(11))
    assert optics["contrast_rgb"] == pytest.approx(flake["contrast_rgb"])
    assert optics["layers"] == flake["layers"]


def test_the_system_says_what_runs_and_what_should_be_looked_after(running: Running):
    system = running.http.get("/v1/system").json()
    assert system["provider"] == {"asked": "auto", "active": "CPUExecutionProvider"}
    assert (system["model_version"], system["database"]["kind"]) == ("tiny-1", "sqlite")
    assert {one["name"] for one in system["queues"]} == {"live", "batch", "scans", "train"}
    assert 0 < system["disk"]["free_bytes"] <= system["disk"]["total_bytes"]
    assert system["uptime_s"] > 0
    assert any("No worker was ever seen here" in warning for warning in system["warnings"])


def test_a_training_without_a_trainer_is_a_warning(settings: Settings):
    with serving(settings) as service:
        service.http.post("/v1/trainings", json={}).raise_for_status()
        warnings = service.http.get("/v1/system").json()["warnings"]
    assert any("1 training waits, but no trainer runs" in warning for warning in warnings)


def test_warnings_are_sentences_with_the_numbers():
    assert no_trainer(Signs(1, 0.5), waiting=3) is None
    assert no_trainer(Signs(0, None), waiting=0) is None
    assert "3 trainings wait" in str(no_trainer(Signs(0, 90.0), waiting=3))
    assert little_room(50 * GIB) is None
    assert "2.0 GiB free" in str(little_room(2 * GIB))
    assert "uploads are refused below 1 GiB" in str(little_room(GIB // 2))


def test_curves_of_a_model_are_numbers_and_its_misses_are_pictures(running: Running):
    curves = running.http.get("/v1/models/tiny-1/curves").json()
    # It calls everything graphene.
    confusion = curves["confusion"]
    assert (confusion["missed"], confusion["true_other"]) == (0, 0)
    assert (confusion["true_graphene"], confusion["false_alarms"]) == (
        curves["graphene"],
        curves["other"],
    )
    assert curves["name"].startswith("holdout-")
    assert curves["figures"]["recall"] == 1
    assert curves["figures"]["balanced_accuracy"] == 0.5
    assert (curves["training_id"], curves["epochs"]) == (None, [])
    assert len(curves["misses"]) == 60
    miss = curves["misses"][3]
    assert miss["is_graphene"] is False
    pictures = [
        shown(running.http.get(miss["picture"], params={"on": "holdout", "view": view}))
        for view in ("colour", "contrast")
    ]
    assert [one.shape for one in pictures] == [(132, 132, 3)] * 2
    assert (pictures[0] != pictures[1]).any()
    problem_of(running.http.get("/v1/models/tiny-9/curves"), 404)


def test_curves_on_reviews_follow_what_is_reviewed(settings: Settings, flake_png: bytes):
    with serving(settings) as service:
        path, on = "/v1/models/tiny-1/curves", {"on": "reviews"}
        before = service.http.get(path, params=on).json()
        flake = service.post_tile(service.open_scan(), flake_png).json()["flakes"][0]
        review = {"label": "not_graphene"}
        service.http.put(f"/v1/flakes/{flake['id']}/review", json=review).raise_for_status()
        after = service.http.get(path, params=on).json()
        picture = shown(service.http.get(after["misses"][0]["picture"]))

    assert (before["graphene"], before["other"], before["misses"]) == (0, 0, [])
    assert (after["other"], after["confusion"]["false_alarms"]) == (1, 1)
    assert after["misses"][0]["flake_id"] == flake["id"]
    assert picture.shape == (132, 132, 3)


def test_a_scan_is_deleted_and_its_labels_are_kept(running: Running, flake_png: bytes):
    scan_id = running.open_scan(name="chip 12")
    flake = running.post_tile(scan_id, flake_png).json()["flakes"][0]
    running.http.put(f"/v1/flakes/{flake['id']}/review", json={"label": "graphene"})

    kept = running.http.delete(f"/v1/scans/{scan_id}", params={"keep_labels": True})
    plain = running.http.delete(f"/v1/scans/{running.open_scan()}")

    assert kept.json()["dataset"]["kept_scan"] == "chip 12"
    assert running.http.get("/v1/datasets").json()["items"][0] == kept.json()["dataset"]
    assert (plain.status_code, plain.content) == (204, b"")
    problem_of(running.http.get(f"/v1/scans/{scan_id}"), 404)


def test_tables_that_are_missing_are_said_with_what_to_do(
    database_url: str, tmp_path: Path, tiny_model: Path
):
    settings = Settings(data_dir=tmp_path, database_url=database_url, model=tiny_model)
    with serving(settings) as service:
        service.parts.engine.dispose()
        downgrade(settings.url, "base")
        answers = [service.http.get(path) for path in ("/v1/scans", "/v1/flakes/1")]
    for answer in answers:
        assert "run `flakescope migrate`" in problem_of(answer, 503)["detail"]
