"""`flakescope screen`: files in, table, JSON, CSV and pictures out."""

import csv
import json
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest

from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.cli.conftest import Run


@pytest.fixture
def chip(tmp_path: Path) -> Path:
    """A folder with a flake, an empty tile in a subfolder, a mask and a text."""
    folder = tmp_path / "chip"
    (folder / "row 1").mkdir(parents=True)
    (folder / "a.png").write_bytes(png_of(draw_tile(FLAKE_PX)))
    (folder / "a.mask.png").write_bytes(png_of(draw_tile(FLAKE_PX)))
    (folder / "row 1" / "b.TIF").write_bytes(imagecodecs.png_encode(draw_tile()))
    (folder / "notes.txt").write_text("no image")
    return folder


def test_a_folder_gives_table_json_csv_and_pictures(
    chip: Path, tmp_path: Path, tiny_model: Path, run: Run
):
    out = tmp_path / "out"
    arguments = ("--json", out / "r.json", "--csv", out / "r.csv", "--overlay", out / "seen")

    done = run("screen", chip, "--um-per-px", 0.5, "--model", tiny_model, *arguments)

    assert done.exit_code == 0, done.output
    assert "a.png" in done.stdout
    assert "Images: 2, candidates: 1, graphene flakes: 1" in done.stderr
    first, second = json.loads((out / "r.json").read_text())
    assert first["file"] == str(chip / "a.png")
    assert (first["width_px"], first["height_px"], first["candidates"]) == (400, 300, 1)
    assert first["flakes"][0]["bbox_px"] == pytest.approx(FLAKE_PX, abs=2)
    assert (second["flakes"], second["model_version"]) == ([], "tiny-1")
    (row,) = csv.DictReader((out / "r.csv").read_text().splitlines())
    assert float(row["area_um2"]) == pytest.approx(60 * 50 * 0.25, rel=0.05)
    assert sorted(path.name for path in (out / "seen").rglob("*.*")) == [
        "a.overlay.png",
        "b.overlay.png",
    ]


def test_the_outline_in_the_picture_surrounds_the_flake(
    chip: Path, tmp_path: Path, tiny_model: Path, run: Run
):
    run("screen", chip / "a.png", "--model", tiny_model, "--overlay", tmp_path)

    drawn = cv2.imread(str(tmp_path / "a.overlay.png")).astype(int)
    changed = np.abs(drawn - draw_tile(FLAKE_PX)[..., ::-1]).max(axis=2) > 40
    x, y, width, height = FLAKE_PX
    assert changed[y + height // 2, x - 2 : x + 3].any()
    assert not changed[y + 10 : y + height - 10, x + 10 : x + width - 10].any()


def test_a_bad_file_is_named_and_the_rest_is_screened(
    chip: Path, tmp_path: Path, tiny_model: Path, run: Run
):
    (chip / "broken.png").write_bytes(png_of(draw_tile())[:500])
    missing = tmp_path / "missing.png"

    done = run("screen", chip, missing, "--model", tiny_model, "--json", tmp_path / "r.json")

    assert done.exit_code == 1
    assert "Images: 2, candidates: 1" in done.stderr
    assert "broken.png: " in done.stderr
    assert "missing.png: No such file or directory." in done.stderr
    errors = {
        Path(one["file"]).name: one.get("error")
        for one in json.loads((tmp_path / "r.json").read_text())
    }
    assert [name for name, error in errors.items() if error] == ["broken.png", "missing.png"]


def test_a_mask_that_is_named_itself_is_screened(chip: Path, tiny_model: Path, run: Run):
    done = run("screen", chip / "a.mask.png", "--model", tiny_model)

    assert "Images: 1, candidates: 1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--model", "none.onnx"], "'none.onnx' cannot be read"),
        (["--um-per-px", "-0.4"], "um_per_px is -0.4"),
        (["--oxide-nm", "nan"], "oxide_nm is nan"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_wrong_option_is_explained(
    chip: Path, tiny_model: Path, run: Run, arguments: list[str], reason: str
):
    done = run("screen", chip, "--model", tiny_model, *arguments)

    assert done.exit_code == 1
    assert reason in done.stderr


def test_a_folder_without_images_is_an_error(tmp_path: Path, run: Run):
    done = run("screen", tmp_path)

    assert (done.exit_code, done.stderr) == (
        1,
        "flakescope: There is no image in what was given.\n",
    )
