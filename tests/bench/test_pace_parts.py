import os
import time
from pathlib import Path

import pytest

from bench.pace.__main__ import observed
from bench.pace.calls import body_of
from bench.pace.drawn import distinct
from bench.pace.floor import copying
from bench.pace.gpu import watching_gpu
from bench.pace.page import html_of, markdown_of
from bench.pace.plan import SHORT
from bench.pace.sections import Bench, NotHere


def test_the_floor_sends_everything_there_and_back() -> None:
    with copying() as copy:
        assert copy(bytes(3 << 20)) > 0
        assert copy(b"") > 0


def test_a_distinct_tile_shows_the_same_picture_in_other_bytes() -> None:
    assert distinct(b"jpeg", 1) != distinct(b"jpeg", 2)
    assert distinct(b"jpeg", 1).startswith(b"jpeg")


def test_a_body_holds_the_image_and_the_form() -> None:
    body = body_of(b"\xff\xd8", "a.jpg", row="3")

    assert body.kind.startswith("multipart/form-data; boundary=")
    assert b'name="row"\r\n\r\n3' in body.content
    assert b"\xff\xd8" in body.content


def test_a_section_that_cannot_run_says_why(tmp_path: Path) -> None:
    bench = Bench(SHORT, tmp_path, tmp_path, postgres="", done={})

    for name in ("two_workers", "projection"):
        with pytest.raises(NotHere) as error:
            bench.sections()[name]()
        assert observed(bench.sections()[name])["skipped"] == str(error.value)


def test_the_gpu_is_watched_where_nvidia_smi_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, said = tmp_path / "nvidia-smi", tmp_path / "said"
    program.write_text(f"#!/bin/sh\nprintf '40\\n60\\n'\ntouch '{said}'\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with watching_gpu() as busy:
        deadline = time.monotonic() + 30
        while not said.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    assert busy == [40.0, 60.0]


def test_without_a_gpu_nothing_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with watching_gpu() as busy:
        pass

    assert busy == []


def report(section: str, **content) -> dict:
    return {
        "began": "2026-01-01T00:00:00+00:00",
        "cores": 2,
        "python": "3.11",
        "plan": {"name": "short"},
        "sections": {section: {"load": [0.1, 0.2], "took_s": 3.0} | content},
    }


def test_both_pages_show_figures_with_their_load_and_the_html_needs_no_other_file() -> None:
    figures = {
        "rest_mib": 200.0,
        "embedded_worker_mib": 190.0,
        "samples": [(0, 200.0), (5000, 310.0)],
        "warm": (100, 300.0),
        "end": (5000, 310.0),
        "growth": 0.033,
        "mib_per_1000_tiles": 2.0,
    }

    markdown = markdown_of(report("memory", figures=figures))
    html = html_of(report("memory", figures=figures))

    for page in (markdown, html):
        assert "+3.3%" in page
        assert "Load 0.1 to 0.2" in page
    assert "<svg" in html
    assert not any(word in html for word in ("<script", "<link", "src="))


def test_a_page_says_why_figures_are_missing_and_how_to_get_those_of_a_gpu() -> None:
    assert "No database <here>" in markdown_of(report("two_workers", skipped="No database <here>"))
    assert "No database &lt;here&gt;" in html_of(
        report("two_workers", skipped="No database <here>")
    )
    rows = {"rows": {"a": {"megabytes": 1.0, "cpu": {"1": 1.0, "8": 0.5, "64": 0.4}}}}
    assert "make bench BENCH=" in markdown_of(report("networks", figures=rows))
