"""What a person knows beside the images: flat field and measured contrasts."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.vision.drawing import LAYERS, draw, square, vignette

SIZE = (640, 480)


def save(path: Path, light: np.ndarray, *flakes: tuple) -> None:
    tile = draw(list(flakes), light=light)
    cv2.imwrite(str(path), cv2.cvtColor(tile.pixels, cv2.COLOR_RGB2BGR))


def shadowed() -> np.ndarray:
    """A vignette with the shadow of dust in the light path, which looks like a flake."""
    shadow = np.ones((480, 640), np.float32)
    shadow[300:350, 200:250] = 0.85
    shadow = cv2.GaussianBlur(shadow, (0, 0), 4)
    return np.repeat(vignette(SIZE, 0.3), 3, axis=2) * shadow[..., None]


def candidates_of(path: Path) -> list[int]:
    return [image["candidates"] for image in json.loads(path.read_text())]


def test_a_picture_of_empty_substrate_takes_shadows_off_every_image(
    tmp_path: Path, tiny_model: Path, run: Run
):
    save(tmp_path / "tile.png", shadowed())
    empty = tmp_path / "empty.png"
    save(empty, shadowed())
    out = tmp_path / "out.json"
    arguments = ("screen", tmp_path / "tile.png", "--model", tiny_model, "--json", out)

    run(*arguments)
    without = candidates_of(out)
    done = run(*arguments, "--flat-field", empty)

    assert done.exit_code == 0, done.output
    assert without == [1]
    assert candidates_of(out) == [0]


def test_the_flat_field_is_learnt_from_the_images(tmp_path: Path, tiny_model: Path, run: Run):
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    for index in range(6):
        flake = (square(60 + 90 * index, 60, 40), LAYERS[2])
        save(tiles / f"{index}.png", shadowed(), flake)
    out = tmp_path / "out.json"

    run("screen", tiles, "--model", tiny_model, "--json", out, "--flat-field", "auto")

    assert candidates_of(out) == [1] * 6


def test_too_few_images_teach_no_flat_field(tmp_path: Path, tiny_model: Path, run: Run):
    save(tmp_path / "tile.png", shadowed())

    done = run("screen", tmp_path, "--model", tiny_model, "--flat-field", "auto")

    assert done.exit_code == 1
    assert "at least 5 must show bare substrate" in done.output


def test_measured_contrasts_override_the_model(tmp_path: Path, tiny_model: Path, run: Run):
    save(tmp_path / "tile.png", np.ones((480, 640, 1)), (square(200, 200, 60), (-0.2, -0.1, 0.1)))
    spread = [[4e-4, 0, 0], [0, 4e-4, 0], [0, 0, 4e-4]]
    entry = {"contrast": {"r": -0.2, "g": -0.1, "b": 0.1}, "covariance_matrix": spread}
    (tmp_path / "mine.json").write_text(json.dumps({"2": entry}))
    out = tmp_path / "out.json"

    done = run(
        "screen", tmp_path / "tile.png", "--model", tiny_model, "--json", out,
        "--substrate", tmp_path / "mine.json",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    (flake,) = json.loads(out.read_text())[0]["flakes"]
    assert (flake["layers"], flake["layers_source"]) == (2, "substrate")


@pytest.mark.parametrize("text", ["not json", '{"one": {}}'])
def test_a_substrate_that_cannot_be_read_says_why(
    tmp_path: Path, tiny_model: Path, run: Run, text: str
):
    save(tmp_path / "tile.png", np.ones((480, 640, 1)))
    (tmp_path / "bad.json").write_text(text)

    done = run("screen", tmp_path, "--model", tiny_model, "--substrate", tmp_path / "bad.json")

    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_images_under_another_light_are_named(tmp_path: Path, tiny_model: Path, run: Run):
    for index in range(6):
        save(tmp_path / f"{index}.png", np.ones((480, 640, 1)))
    save(tmp_path / "late.png", np.float32([0.85, 1, 1]) * np.ones((480, 640, 1), np.float32))

    done = run("screen", tmp_path, "--model", tiny_model)

    assert "late.png: The light has drifted: R/G" in done.stderr
    assert done.stderr.count("drifted") == 1
