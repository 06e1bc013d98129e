"""Upload, promote, roll back, and a swap while tiles are screened; on the real service."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving
from tests.inference.tiny_model import write_tiny_model

PROVED = {"metrics": '{"parity_difference": 1e-6}'}


@pytest.fixture
def service(tmp_path: Path):
    """A service whose model knows that graphene is not bright in blue."""
    model = write_tiny_model(tmp_path / "first.onnx", version="first", weight=-50)
    with serving(Settings(data_dir=tmp_path, model=model, workers=2, waiting=8)) as running:
        yield running


def upload(running: Running, folder: Path, version: str, form=PROVED, **how):
    path = write_tiny_model(folder / f"{version}.onnx", version=version, **how)
    return running.http.post("/v1/models", files={"model": path.read_bytes()}, data=form)


def wait_for(running: Running, version: str) -> None:
    end = time.monotonic() + 20
    while running.http.get("/readyz").json()["model_version"] != version:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_worse_model_is_refused_with_reasons_and_a_rollback_is_one_call(
    service: Running, tmp_path: Path
):
    flipped = upload(service, tmp_path, "flipped", weight=50)
    assert flipped.status_code == 201
    assert (flipped.json()["is_active"], flipped.json()["created_by"]) == (False, "local")

    refusal = problem_of(service.http.post("/v1/models/flipped/promote"), 409)
    assert refusal["type"].endswith(":refused")
    assert len(refusal["reasons"]) == 1
    assert "holdout" in refusal["reasons"][0]

    forced = service.http.post("/v1/models/flipped/promote", json={"force": True})
    assert forced.json()["gate"]["forced"] is True
    wait_for(service, "flipped")
    assert service.http.post("/v1/models/rollback").json()["version"] == "first"
    wait_for(service, "first")
    problem_of(service.http.post("/v1/models/rollback"), 409)


def test_what_cannot_serve_is_not_registered(service: Running, tmp_path: Path):
    problem_of(service.http.post("/v1/models", files={"model": b"no network"}), 422)
    problem_of(upload(service, tmp_path, "half", threshold=None), 422)
    problem_of(upload(service, tmp_path, "odd", form={"metrics": '{"f1": NaN}'}), 422)
    problem_of(service.http.post("/v1/models/nobody/promote"), 404)
    assert len(service.http.get("/v1/models").json()["items"]) == 1


def test_a_swap_under_load_loses_no_request_and_no_answer_mixes_two_versions(
    service: Running, tmp_path: Path, flake_png: bytes
):
    upload(service, tmp_path, "second", weight=-80)
    ended = threading.Event()

    def screen_on() -> list[tuple[int, str, frozenset]]:
        answers = []
        while not ended.is_set():
            files = {"image": ("a.png", flake_png)}
            answer = service.http.post("/v1/screen", files=files)
            body = answer.json()
            said = {(one["model_version"], one["p_graphene"]) for one in body.get("flakes", [])}
            answers.append((answer.status_code, body.get("model_version"), frozenset(said)))
        return answers

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(screen_on) for _ in range(8)]
        try:
            service.http.post("/v1/models/second/promote").raise_for_status()
            wait_for(service, "second")
            time.sleep(0.3)
        finally:
            ended.set()
        answers = [answer for one in running for answer in one.result()]

    assert {status for status, _, _ in answers} == {200}
    said = {(version, flakes) for _, version, flakes in answers}
    assert {version for version, _ in said} == {"first", "second"}
    assert all({one for one, _ in flakes} == {version} for version, flakes in said)
    assert len(said) == 2  # one answer of each version, always the same
