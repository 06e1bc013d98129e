"""The real service for a module, and a stub that fails as it is told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.serving import Running, serving
from tests.client.stub import Stub, stubbing
from tests.inference.tiny_model import write_tiny_model


@pytest.fixture(scope="package")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.onnx", weight=0, bias=4)


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Running]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), model=tiny_model)
    with serving(settings) as running:
        yield running


@pytest.fixture
def url(service: Running) -> str:
    return str(service.http.base_url)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbing(Stub()) as running:
        yield running
