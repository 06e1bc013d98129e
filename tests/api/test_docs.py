"""The API describes itself, completely and without the network."""

import io
import re
import subprocess
import sys
from types import ModuleType
from typing import Any

import pydantic
import pytest
from fastapi import UploadFile

from service.app import create_app
from service.flakes import schemas as flake_schemas
from service.registry import schemas as model_schemas
from service.scans import schemas as scan_schemas
from service.scans import tile_schemas
from service.settings import Settings
from tests.api.serving import Running

ISSUE = {
    "/v1/screen": {"post"},
    "/v1/scans": {"get", "post"},
    "/v1/scans/{scan_id}": {"get", "patch", "delete"},
    "/v1/scans/{scan_id}/tiles": {"get", "post"},
    "/v1/scans/upload": {"post"},
    "/v1/scans/import": {"post"},
    "/v1/scans/{scan_id}/cancel": {"post"},
    "/v1/scans/{scan_id}/rescreen": {"post"},
    "/v1/scans/{scan_id}/flakes": {"get"},
    "/v1/flakes": {"get"},
    "/v1/flakes/{flake_id}": {"get"},
    "/v1/flakes/{flake_id}/crop.png": {"get"},
    "/v1/flakes/{flake_id}/review": {"put"},
    "/v1/models": {"get"},
    "/v1/models/{version}": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def test_every_call_is_described(document: dict[str, Any]):
    described = {path: set(calls) for path, calls in document["paths"].items()}

    assert {path: calls & described.get(path, set()) for path, calls in ISSUE.items()} == ISSUE


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]):
    found = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))

    assert found <= document["components"]["schemas"].keys()
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_body_of_every_call_has_an_example(document: dict[str, Any]):
    without = [
        f"{method} {path}: {reference}"
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        for reference in bodies_of(call)
        if not document["components"]["schemas"][reference].get("examples")
    ]

    assert without == []


def bodies_of(call: dict[str, Any]) -> set[str]:
    return set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(call)))


@pytest.mark.parametrize(
    "module",
    [tile_schemas, model_schemas, scan_schemas, flake_schemas],
    ids=lambda one: one.__name__,
)
def test_every_example_is_valid(module: ModuleType):
    bodies = [
        body
        for body in vars(module).values()
        if isinstance(body, type) and issubclass(body, pydantic.BaseModel)
    ]
    assert bodies
    for body in bodies:
        for example in body.model_json_schema().get("examples", []):
            files = {name: UploadFile(io.BytesIO()) for name in {"image", "model"} & example.keys()}
            body.model_validate(example | files)


def test_the_page_needs_nothing_from_outside(running: Running):
    start = running.http.get("/", follow_redirects=True)

    assert start.status_code == 200
    assert "http" not in start.text.replace(str(running.http.base_url), "")
    for asset in re.findall(r'(?:src|href)="([^"]+)"', start.text):
        assert running.http.get(asset).status_code == 200, asset


def test_the_service_runs_without_torch():
    code = "import sys, service.app; print({'torch', 'onnx'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
