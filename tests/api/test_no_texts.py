"""Bodies, forms and addresses with text that is no text: 4xx, and nothing is kept of them."""

from pathlib import Path

import httpx
import pytest

from tests.api.problem import problem_of
from tests.api.serving import Running
from tests.inference.tiny_model import write_tiny_model

BODIES = {
    "half a character": b'{"name": "a\\ud800"}',
    "half a character as key": b'{"name": "a", "\\udfff": 1}',
    "NUL": b'{"name": "a\\u0000"}',
    "infinite": b'{"name": "a", "oxide_nm": 1e999}',
    "no number": b'{"name": "a", "oxide_nm": NaN}',
    "giant": b'{"name": "a", "substrate_id": ' + b"9" * 30 + b"}",
    "endless": b'{"name": "a", "substrate_id": ' + b"9" * 5000 + b"}",
    "deep": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep and short": b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}",
    "no UTF-8": b'{"name": "\xff\xfe"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_kept_is_refused(running: Running, body: bytes):
    before = running.http.get("/v1/scans").json()["total"]
    for path in ("/v1/scans", "/v1/scans/import", "/v1/scans/uploads", "/v1/trainings"):
        answer = running.http.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}, (path, answer.text)
        problem_of(answer, answer.status_code)
    assert running.http.get("/v1/scans").json()["total"] == before


@pytest.mark.parametrize(
    "metrics",
    ['{"a": "\\ud800"}', '{"a": "\\u0000"}', '{"a": 1e999}', '{"a": NaN}',
     '{"a": ' + "9" * 400 + "}", '{"a":' + "[" * 50_000 + "]" * 50_000 + "}", "[1]"],
    ids=["half", "NUL", "infinite", "NaN", "giant", "deep", "list"],
)  # fmt: skip
def test_metrics_that_cannot_be_kept_poison_nothing(running: Running, tmp_path: Path, metrics: str):
    content = write_tiny_model(tmp_path / "x.onnx", version="poison").read_bytes()

    answer = running.http.post(
        "/v1/models", files={"model": ("x.onnx", content)}, data={"metrics": metrics}
    )

    problem_of(answer, 422)
    assert running.http.get("/v1/models/poison").status_code == 404
    assert running.http.get("/v1/models").status_code == 200


@pytest.mark.parametrize(
    "path",
    [f"/v1/scans/{'9' * 30}", f"/v1/flakes/{'9' * 30}", f"/v1/tiles/{'9' * 30}/image",
     f"/v1/trainings/{'9' * 30}", f"/v1/substrates/{'9' * 30}", "/v1/scans/%00",
     "/v1/models/%00", "/v1/scans/uploads/%00", "/v1/models/a%00b/model.onnx", "/%00",
     "/assets/%00", "/docs/assets/%00", "/v1/scans?source=%00", "/v1/flakes?cursor=%00",
     "/v1/scans?limit=" + "9" * 30, "/v1/models/%ff%fe", "/v1/scans?source=%ff",
     "/v1/scans?source=%ed%a0%80", "/v1/flakes?min_area_um2=1e999", "/v1/flakes?min_p=nan"],
)  # fmt: skip
def test_an_address_that_cannot_be_is_the_callers_fault(running: Running, path: str):
    answer = running.http.get(path)

    assert answer.status_code < 500, answer.text


def test_a_model_version_can_be_deleted_unless_it_is_active(
    running: Running, tiny_model: Path, tmp_path: Path
):
    http: httpx.Client = running.http
    content = write_tiny_model(tmp_path / "x.onnx", version="to go").read_bytes()
    http.post("/v1/models", files={"model": ("x.onnx", content)}).raise_for_status()

    assert http.delete("/v1/models/to%20go").status_code == 204

    assert http.get("/v1/models/to%20go").status_code == 404
    problem_of(http.delete("/v1/models/to%20go"), 404)
    active = next(m["version"] for m in http.get("/v1/models").json()["items"] if m["is_active"])
    assert "is active" in problem_of(http.delete(f"/v1/models/{active}"), 409)["detail"]


@pytest.mark.parametrize("version", ["a/b", "..", "a\\b"])
def test_a_name_that_no_address_can_hold_is_refused(running: Running, tmp_path: Path, version: str):
    content = write_tiny_model(tmp_path / "x.onnx", version=version).read_bytes()

    answer = running.http.post("/v1/models", files={"model": ("x.onnx", content)})

    assert "no path" in problem_of(answer, 422)["detail"]
