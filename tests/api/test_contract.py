"""Every call keeps to its description, whatever is sent: generated from the OpenAPI document.

$FLAKESCOPE_CONTRACT_EXAMPLES = examples of each call and kind; the default keeps the suite quick.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.settings import Settings
from tests.api.serving import Running, serving

EXAMPLES = int(os.environ.get("FLAKESCOPE_CONTRACT_EXAMPLES", "4"))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

DOCUMENT = create_app(Settings()).openapi()

CALLS = [
    (method, path)
    for path, calls in DOCUMENT["paths"].items()
    for method, call in calls.items()
    # An endless answer has no end to check.
    if "text/event-stream" not in str(call["responses"])
]


@pytest.fixture(scope="module")
def contracted(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, flake_png: bytes
) -> Iterator[Running]:
    """An open service with a scan, a tile and a flake, so that ids of 1 are there."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model=tiny_model,
        open=True,
        max_archive_bytes=2**20,
        max_body_bytes=2**20,
    )
    with serving(settings) as running:
        running.post_tile(running.open_scan(um_per_px=0.5), flake_png, row=0, col=0)
        yield running


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), CALLS, ids=lambda part: part)
def test_a_call_keeps_to_its_description(
    contracted: Running, method: str, path: str, mode: GenerationMode
):
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    operation = schema[path][method.upper()]
    with requests.Session() as session:
        session.trust_env = False

        @given(case=operation.as_strategy(generation_mode=mode))
        @effort(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES < 20,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def check(case: Case) -> None:
            url = str(contracted.http.base_url)
            case.call_and_validate(base_url=url, session=session, checks=CHECKS, timeout=30)

        try:
            check()
        except schemathesis.errors.InvalidSchema:
            raise
        except Exception as error:
            if _has_nothing_to_send_wrong(error):
                pytest.skip("nothing of this call can be wrong")
            raise


def _has_nothing_to_send_wrong(error: Any) -> bool:
    return type(error).__name__ in {"Unsatisfiable", "SkipTest"}
