"""Lines of the log tell what they are about, and no secret."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.http.call import Call, begin_call, note
from service.processes.setup import JsonLines, PlainLines
from service.settings import Settings
from tests.api.serving import serving


def record_of(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("service.x", logging.INFO, "x.py", 1, message, arguments, None)


def test_a_json_line_names_the_call_and_what_it_is_about():
    begin_call(Call("req-1", who="anna"))
    note(scan_id=7)
    note(tile_id=12)

    line = json.loads(JsonLines().format(record_of("%d flakes", 3)))

    assert (
        line
        | {
            "level": "INFO",
            "logger": "service.x",
            "message": "3 flakes",
            "request_id": "req-1",
            "who": "anna",
            "scan_id": 7,
            "tile_id": 12,
        }
        == line
    )
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("make", [JsonLines, PlainLines])
def test_no_token_stands_in_a_line(make: Callable[[], logging.Formatter]):
    for message in ("got flk_0nDfuKOpzYyMyQ2PvmDqzYrRjF", "Authorization: Bearer secret-thing"):
        line = make().format(record_of(message))
        assert "***" in line
        assert "0nDfu" not in line
        assert "secret-thing" not in line


def test_a_trace_is_one_json_line():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = record_of("failed")
        record.exc_info = sys.exc_info()

    line = JsonLines().format(record)

    assert "\n" not in line
    assert "ValueError: two" in json.loads(line)["trace"]


def test_each_call_has_one_line_without_its_query(
    tmp_path: Path, tiny_model: Path, caplog: pytest.LogCaptureFixture
):
    settings = Settings(data_dir=tmp_path, model=tiny_model)
    with caplog.at_level(logging.INFO, logger="flakescope.access"):
        with serving(settings) as running:
            scan_id = running.open_scan()
            address = f"/v1/scans/{scan_id}?secret=1"
            refused = running.http.get(address, headers={"X-Request-ID": "req-9"})
        # Only now: a line is written after its answer was sent.
        every = [one.getMessage() for one in caplog.records if one.name.endswith("access")]
    lines = [line for line in every if line.startswith(f"GET /v1/scans/{scan_id} 422 ")]

    assert refused.status_code == 422  # no call knows this field
    assert len(lines) == 1
    assert not any("secret" in line for line in every)
