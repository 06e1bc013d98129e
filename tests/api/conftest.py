"""One service for a test module; a test that breaks it starts its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running, serving
from tests.inference.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that calls every candidate graphene, p = sigmoid(4 / 2)."""
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    return write_tiny_model(path, weight=0, bias=4)


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Settings:
    return Settings(data_dir=tmp_path, model=tiny_model, workers=1, waiting=0)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=folder, model=tiny_model, max_body_bytes=3 * 2**20)
    with serving(settings) as service:
        yield service


@pytest.fixture(scope="session")
def flake_png() -> bytes:
    """A tile with one monolayer, `FLAKE_PX`."""
    return png_of(draw_tile(FLAKE_PX))


@pytest.fixture(scope="session")
def empty_png() -> bytes:
    """A tile of bare substrate."""
    return png_of(draw_tile())
