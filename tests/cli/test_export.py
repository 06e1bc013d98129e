"""`flakescope export`: what lands in which file."""

import json
from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running, serving
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path):
    with serving(Settings(data_dir=tmp_path_factory.mktemp("data"), model=tiny_model)) as running:
        yield running


@pytest.fixture(scope="module")
def scan_id(service: Running) -> int:
    scan_id = service.open_scan(name="chip 12", um_per_px=0.4)
    image = png_of(draw_tile(FLAKE_PX))
    service.post_tile(scan_id, image, stage_x_um=1000, stage_y_um=-2000).raise_for_status()
    return scan_id


@pytest.fixture
def export(service: Running, scan_id: int, run: Run, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run(
        "export", scan_id, *arguments, "--url", str(service.http.base_url)
    )


def test_a_file_gets_the_name_that_the_service_has_for_it(export, scan_id, tmp_path):
    done = export("csv")

    assert done.exit_code == 0, done.output
    (file,) = tmp_path.iterdir()
    assert file.name == f"chip-12-scan-{scan_id}.csv"
    assert file.name in done.stderr
    assert file.read_text().startswith("label,flake_id,")


def test_nothing_is_overwritten_that_was_not_named(export, tmp_path):
    export("csv")
    (file,) = tmp_path.iterdir()
    file.write_text("mine")

    again, named = export("csv"), export("csv", "-o", "other.csv")

    assert (again.exit_code, named.exit_code) == (1, 0)
    assert "exists already" in again.stderr
    assert file.read_text() == "mine"
    assert {one.name for one in tmp_path.iterdir()} == {file.name, "other.csv"}


def test_options_and_filters_reach_the_service(export, tmp_path):
    export("pos", "-o", "a.pos", "--version", "1.4", "--xy-stage", "Prior", "--layers", "1,2")
    export("json", "-o", "b.json", "--min-p", "0.99", "--sort=-p_graphene", "--no-graphene")

    assert "VERSION" in json.loads((tmp_path / "a.pos").read_text())
    assert json.loads((tmp_path / "b.json").read_text())["flakes"] == []


def test_standard_output_takes_it_too(export, tmp_path):
    done = export("json", "-o", "-")

    assert len(json.loads(done.stdout)["flakes"]) == 1
    assert list(tmp_path.iterdir()) == []


def test_remarks_are_told(export):
    marks = [f"--mark={mark}" for mark in ("1000,-2000,0,0", "2000,-2000,1000,0")]

    done = export("gds", "-o", "a.gds", *marks)

    assert "Alignment: similarity by 2 marks" in done.stderr


def test_a_refusal_is_a_sentence_and_no_file(export, tmp_path):
    done = export("pos", "--version", "7")

    assert done.exit_code == 1
    assert "version is '7'; it has to be one of 2, 1.4" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(export):
    done = export("csv", "-o", "nowhere/a.csv")

    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
