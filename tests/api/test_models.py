"""Model versions, as the API shows them and as a starting service chooses them."""

from pathlib import Path

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving
from tests.inference.tiny_model import write_tiny_model


def active_versions(running: Running) -> list[str]:
    models = running.http.get("/v1/models").json()["items"]
    return [model["version"] for model in models if model["is_active"]]


def test_the_model_that_serves_is_the_active_one(running: Running):
    assert active_versions(running) == ["tiny-1"]
    model = running.http.get("/v1/models/tiny-1").json()
    assert (model["threshold"], model["temperature"], model["input_size_px"]) == (0.5, 2.0, 32)
    assert model["promoted_at"] is not None


def test_a_registered_network_can_be_downloaded(running: Running, tiny_model: Path):
    answer = running.http.get("/v1/models/tiny-1/model.onnx")
    assert answer.content == tiny_model.read_bytes()
    assert "tiny-1.onnx" in answer.headers["content-disposition"]
    problem_of(running.http.get("/v1/models/nobody/model.onnx"), 404)


def test_a_named_model_becomes_active_and_stays_so(settings: Settings, tmp_path: Path):
    other = write_tiny_model(tmp_path / "other.onnx", version="tiny-2")
    with serving(settings):
        pass
    with serving(settings.model_copy(update={"model": other})) as running:
        assert active_versions(running) == ["tiny-2"]
    other.unlink()

    with serving(settings.model_copy(update={"model": None})) as running:
        assert active_versions(running) == ["tiny-2"]
        assert running.http.get("/readyz").json()["model_version"] == "tiny-2"


def test_another_file_under_a_known_version_does_not_serve(settings: Settings, tmp_path: Path):
    with serving(settings):
        pass
    impostor = write_tiny_model(tmp_path / "impostor.onnx", bias=-4)

    with serving(settings.model_copy(update={"model": impostor})) as running:
        ready = running.http.get("/readyz")

    assert ready.status_code == 503
    assert "tiny-1" in ready.json()["detail"]
