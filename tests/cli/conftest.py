"""The command line as a user runs it, and a network that calls everything graphene."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.main import build
from tests.inference.tiny_model import write_tiny_model

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Commands set the log of their process up: here it is that of all tests."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(build(), [str(one) for one in arguments])

    return invoke


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.onnx", weight=0, bias=4)
