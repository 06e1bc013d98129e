"""The examples of the documentation: run where that is possible, else read."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from flakescope.client import Client
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FIELDS_UM = [(1000.0 + 180 * n, -50.0) for n in range(6)]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def places_of(service: Running, scan_id: int) -> list[tuple[float, float]]:
    tiles = service.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"]
    assert all(tile["state"] == "screened" for tile in tiles)
    return sorted((tile["stage_x_um"], tile["stage_y_um"]) for tile in tiles)


@pytest.mark.parametrize("way", ["output", "signal"])
def test_pymmcore_plus_sends_every_frame_with_its_stage_position(
    service: Running, url: str, tmp_path: Path, way: str
):
    pytest.importorskip("pymmcore_plus", reason="pymmcore-plus is not installed")
    from bench.live.microscope import UM_PER_PX, build_microscope, fields  # noqa: PLC0415

    example = load("pymmcore_plus_live")
    core = build_microscope()
    with Client(url, spool=tmp_path) as client:
        scan = client.scan("chip", um_per_px=UM_PER_PX, oxide_nm=90)
        if way == "output":
            results = example.acquire(core, fields(6), scan)
        else:
            handler = example.SendTiles(scan)
            core.mda.events.frameReady.connect(handler.frameReady)
            core.mda.run(fields(6))
            results = list(scan.results(timeout_s=60))

    assert sorted(result.name for result in results) == [f"tile {n}" for n in range(6)]
    assert places_of(service, scan.id) == FIELDS_UM
    # One monolayer stands on every field: 60 x 50 px.
    assert [len(result.flakes) for result in results] == [1] * 6
    assert all(result.flakes[0].area_px == pytest.approx(3000, rel=0.1) for result in results)


def test_the_hook_of_pycromanager_sends_and_hands_on(service: Running, url: str, tmp_path: Path):
    example = load("pycromanager_live")
    image = draw_tile(FLAKE_PX)
    with Client(url, spool=tmp_path) as client:
        scan = client.scan("chip", um_per_px=0.5)
        send = example.hook_for(scan)
        metadata = {"XPositionUm": 5.0, "YPositionUm": 6.0, "Axes": {"position": 3}}
        handed_on = send(image, metadata)
        send(image, {"XPosition_um_Intended": 7.0, "YPosition_um_Intended": 8.0, "Axes": {}})
        assert scan.flush(60)

    assert handed_on[0] is image
    assert handed_on[1] is metadata
    assert places_of(service, scan.id) == [(5.0, 6.0), (7.0, 8.0)]


def test_ten_lines_scan_a_chip(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLAKESCOPE_USER_DIR", str(tmp_path))
    camera = SimpleNamespace(snap=lambda: draw_tile(FLAKE_PX))
    moves: list[tuple[float, float]] = []
    stage = SimpleNamespace(move_to=lambda x_um, y_um: moves.append((x_um, y_um)))

    flakes = load("ten_lines").scan_chip(camera, stage, FIELDS_UM[::3], url)

    assert moves == FIELDS_UM[::3]
    assert len(flakes) == 2


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("sh") is None, reason="curl or sh is missing"
)
def test_curl_posts_a_tile(service: Running, url: str, tmp_path: Path):
    image = tmp_path / "a.png"
    image.write_bytes(png_of(draw_tile(FLAKE_PX)))
    command = ["sh", str(EXAMPLES / "send_tile.sh"), str(image), "12.5", "-7.5"]

    answer = subprocess.check_output(command, env=os.environ | {"FLAKESCOPE_URL": url}, text=True)

    assert '"stage_x_um":12.5,"stage_y_um":-7.5' in answer
    assert '"is_graphene":true' in answer


def test_the_example_in_matlab_has_the_fields_of_the_call(service: Running):
    # No MATLAB runs here: the names at least are those of the API.
    fields = service.http.get("/openapi.json").json()["components"]["schemas"]["NewTile"]
    written = (EXAMPLES / "send_tile.m").read_text()

    used = set(re.findall(r'"(\w+)", (?:File|String)Provider', written))
    assert used == {"image", "stage_x_um", "stage_y_um"}
    assert used < fields["properties"].keys()


def test_every_example_in_python_compiles():
    for path in EXAMPLES.glob("*.py"):
        compile(path.read_text(), path.name, "exec")
