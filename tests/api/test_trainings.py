"""Trainings and data sets over REST, on both databases; nothing here needs a trainer."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving

FLAT = {"1f.jpg": b"1", "2.jpg": b"2"}


@pytest.fixture
def service(empty_database_url: str, tmp_path: Path, tiny_model: Path) -> Iterator[Running]:
    settings = Settings(data_dir=tmp_path, database_url=empty_database_url, model=tiny_model)
    with serving(settings) as running:
        yield running


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def bring(service: Running, archive: bytes, **said) -> httpx.Response:
    return service.http.post(
        "/v1/datasets", files={"archive": ("old chips.zip", archive)}, data=said
    )


def test_a_training_is_queued_listed_and_cancelled(service: Running):
    answer = service.http.post("/v1/trainings", json={"epochs": 3, "note": "November"})
    made = answer.json()
    assert (answer.status_code, made["state"], made["epochs"]) == (202, "queued", [])
    assert made["config"]["base_model"] == "tiny-1"
    assert not made["trainer_alive"]
    second = service.http.post("/v1/trainings", json={}).json()
    listed = service.http.get("/v1/trainings").json()["items"]
    assert [one["id"] for one in listed] == [second["id"], made["id"]]
    assert service.http.get("/readyz").json()["waiting"]["train"] == 2
    cancelled = service.http.post(f"/v1/trainings/{made['id']}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert service.http.get(f"/v1/trainings/{made['id']}").json() == cancelled
    report = service.http.get(f"/v1/trainings/{made['id']}/report")
    assert "no report" in problem_of(report, 404)["detail"]
    wrong = service.http.post("/v1/trainings", json={"architecture": "bert"})
    assert "bert" in problem_of(wrong, 422)["detail"]


def test_a_data_set_is_brought_in_learned_from_and_deleted(service: Running):
    answer = bring(service, zipped(FLAT))
    made = answer.json()
    assert answer.status_code == 201
    assert (made["name"], made["kind"]) == ("old chips", "flat")
    assert (made["graphene"], made["other"], made["groups"]) == (1, 1, 2)
    assert service.http.get("/v1/datasets").json()["items"] == [made]
    wanted = {"datasets": [made["id"]], "reviews": False}
    training = service.http.post("/v1/trainings", json=wanted).json()
    assert training["config"]["datasets"] == [made["id"]]
    path = f"/v1/datasets/{made['id']}"
    assert "learns from" in problem_of(service.http.delete(path), 409)["detail"]
    service.http.post(f"/v1/trainings/{training['id']}/cancel")
    assert service.http.delete(path).status_code == 204
    problem_of(bring(service, b"no zip"), 422)
    problem_of(bring(service, zipped({"../a.png": b"x"})), 422)
    assert "gruop_by" in str(problem_of(bring(service, zipped(FLAT), gruop_by="folder"), 422))
    assert list((service.parts.intake.folder).iterdir()) == []


def test_what_was_reviewed_goes_out_as_coco_and_comes_in_again(service: Running, flake_png: bytes):
    scan_id = service.open_scan()
    (flake,) = service.post_tile(scan_id, flake_png, row=0, col=0).json()["flakes"]
    service.http.put(f"/v1/flakes/{flake['id']}/review", json={"label": "graphene", "layers": 1})
    other = service.open_scan()
    (unsure,) = service.post_tile(other, flake_png, row=0, col=0).json()["flakes"]
    service.http.put(f"/v1/flakes/{unsure['id']}/review", json={"label": "unsure"})
    packed = service.http.get("/v1/datasets/export").content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        content = json.loads(archive.read("annotations.json"))
        (image,) = content["images"]
        (annotation,) = content["annotations"]
        assert archive.read(f"images/{image['file_name']}") == flake_png
    assert annotation["bbox"] == flake["bbox_px"]
    assert image["file_name"].startswith(f"scan-{scan_id}/")
    again = bring(service, packed, group_by="folder").json()
    assert (again["graphene"], again["other"], again["groups"]) == (1, 0, 1)
    assert not again["exhaustive"]


def test_the_service_never_imports_torch():
    code = (
        "import sys; from service.app import create_app; from service.settings import Settings; "
        "create_app(Settings()); print({'torch', 'onnx', 'models'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
