"""`flakescope revisit`: find at low magnification, look again at high."""

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


@pytest.fixture
def scan(service: Running) -> tuple[int, dict]:
    """A scan with two flakes: its id, and the flakes, the larger one first."""
    scan_id = service.open_scan(um_per_px=0.5, oxide_nm=90)
    tile = png_of(draw_tile(FLAKE_PX, (40, 40, 30, 30)))
    service.post_tile(scan_id, tile, stage_x_um=1000, stage_y_um=-50)
    return scan_id, service.http.get(f"/v1/scans/{scan_id}/flakes").json()["items"]


def test_one_flake_after_the_other_is_visited_and_linked(
    service: Running, scan: tuple[int, list], run: Run, tmp_path: Path
):
    scan_id, (large, small) = scan
    url = ("--url", str(service.http.base_url))
    image = tmp_path / "100x.png"
    image.write_bytes(png_of(draw_tile((150, 100, 90, 80))))

    first = run("revisit", scan_id, *url)
    linked = run(
        "revisit", scan_id, *url, "--flake", large["id"], "--image", image,
        "--um-per-px", 0.08, "--note", "clean", "--screen",
    )  # fmt: skip
    other = run("revisit", scan_id, *url, "--json", "--min-p", 0.5)
    service.http.put(f"/v1/flakes/{small['id']}/review", json={"label": "graphene"})
    last = run("revisit", scan_id, *url)

    x_um, y_um = large["centre_um"]
    assert first.exit_code == 0, first.output
    assert f"Flake {large['id']}: x {x_um:.2f} um, y {y_um:.2f} um" in first.stdout
    assert "2 wait." in first.stdout
    assert f"is linked to flake {large['id']}. Graphene flakes on it: 1." in linked.stdout
    assert json.loads(other.stdout)["flake"]["centre_um"] == small["centre_um"]
    assert (last.exit_code, last.stdout) == (3, "No flake waits.\n")
    (kept,) = service.http.get(f"/v1/flakes/{large['id']}/revisits").json()["items"]
    assert (kept["name"], kept["um_per_px"], kept["note"]) == ("100x.png", 0.08, "clean")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("999999",), "scan 999999"),
        (("1", "--flake", "3"), "--flake and --image belong together"),
    ],
)
def test_what_is_wrong_is_a_sentence(service: Running, run: Run, arguments: tuple, words: str):
    done = run("revisit", *arguments, "--url", str(service.http.base_url))

    assert done.exit_code == 1
    assert words in done.stderr
