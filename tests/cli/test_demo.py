"""`flakescope demo`: the real service as a child process, and what the demo says about it."""

import socket
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from service.cli.client import Client, ImageFile, Refused
from service.cli.demo import OPTICS, demo, draw_scan
from service.cli.demo_report import judge
from service.processes.setup import Unusable
from service.render.truth import Comparison, FoundFlake, Match, TrueFlake, compare
from tests.inference.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def credulous_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that calls every candidate graphene."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.onnx", weight=0, bias=4)


def run_demo(*arguments: str | Path) -> Result:
    app = typer.Typer()
    app.command()(demo)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def true_flake(area_um2: float) -> TrueFlake:
    return TrueFlake(1, 2, area_um2, (0.0, 0.0), np.zeros((3, 2)), touches_border=False)


def found_flake(layers: int | None = 2) -> FoundFlake:
    return FoundFlake((0.5, 0.0), 100.0, layers, 0.9)


@pytest.mark.slow
def test_the_demo_finds_every_flake_that_it_drew(credulous_model: Path, tmp_path: Path) -> None:
    result = run_demo("--exit", "--model", credulous_model, "--port", 0, "--data-dir", tmp_path)
    assert "found" in result.output
    assert "missed" not in result.output
    # Without a network that tells them apart, thick graphite is taken for graphene, and said so.
    assert "FAILED" in result.output
    assert result.exit_code == 1
    assert (tmp_path / "flakescope.db").is_file()
    url = result.output.split("runs at ")[1].split("/ ")[0]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/healthz", trust_env=False)


@pytest.mark.slow
def test_images_of_a_folder_are_screened_and_a_bad_one_is_named(
    credulous_model: Path, tmp_path: Path
) -> None:
    _, tiles = draw_scan()
    below = tmp_path / "images" / "below"
    below.mkdir(parents=True)
    cv2.imwrite(str(below / "tile.png"), next(tiles).pixels[..., ::-1])
    (tmp_path / "images" / "bad.png").write_text("no image")
    result = run_demo(
        "--exit", "--folder", tmp_path / "images", "--model", credulous_model, "--port", 0
    )
    assert result.exit_code == 1
    assert "1 of 2 images screened" in result.output
    assert "bad.png: " in result.output
    assert "(status 422)" in result.output


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_demo("--exit", "--port", port)
    assert isinstance(result.exception, Unusable)
    assert f"Port {port} of 127.0.0.1 is in use" in str(result.exception)


def test_the_drawn_scan_covers_the_flakes_it_claims() -> None:
    truth, tiles = draw_scan()
    seen = {flake.number for tile in tiles for flake in tile.flakes}
    large = {flake.number for flake in truth if flake.area_um2 > 50}
    assert len(large) >= 5
    assert large <= seen


def test_missing_a_large_flake_fails_and_missing_a_tiny_one_does_not() -> None:
    tiny, large = 100 * OPTICS.um_per_px**2, 400 * OPTICS.um_per_px**2
    assert judge(Comparison([], [true_flake(tiny)], []), OPTICS.um_per_px).passed
    verdict = judge(Comparison([], [true_flake(large)], []), OPTICS.um_per_px)
    assert not verdict.passed
    assert "found 0 of 1" in verdict.line


def test_more_than_one_false_flake_fails() -> None:
    matched = compare([true_flake(100)], [found_flake()]).matches
    assert judge(Comparison(matched, [], [found_flake()]), OPTICS.um_per_px).passed
    assert not judge(Comparison(matched, [], [found_flake()] * 2), OPTICS.um_per_px).passed


def test_wrong_layers_are_told_in_the_verdict() -> None:
    matches = [Match(true_flake(100), found_flake(layers), 0.5) for layers in (2, 3, None)]
    line = judge(Comparison(matches, [], []), OPTICS.um_per_px).line
    assert "found 3 of 3" in line
    assert "1 of them with the right number of layers" in line


def test_a_busy_service_is_asked_again_when_it_says() -> None:
    answers = [
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(201, json={"flakes": [{"id": 1}]}),
    ]
    with httpx.Client(
        base_url="http://demo", transport=httpx.MockTransport(lambda _: answers.pop(0))
    ) as http:
        assert Client(http).post_tile(1, ImageFile("a.png", b"x", {"row": 0})) == [{"id": 1}]
    assert answers == []


def test_a_refusal_is_shown_in_the_service_s_words() -> None:
    answer = httpx.Response(422, json={"detail": "The file is no image."})
    transport = httpx.MockTransport(lambda _: answer)
    with (
        httpx.Client(base_url="http://demo", transport=transport) as http,
        pytest.raises(Refused, match=r"The file is no image\. \(status 422\)"),
    ):
        Client(http).open_scan(name="a")
    unfit = httpx.MockTransport(lambda _: httpx.Response(503, json={"detail": "No model."}))
    with (
        httpx.Client(base_url="http://demo", transport=unfit) as http,
        pytest.raises(Refused, match="No model"),
    ):
        Client(http).open_scan(name="a")


def test_flakes_are_fetched_page_by_page() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        last = "cursor" in request.url.params
        page = {"items": [{"id": 2 if last else 1}], "next_cursor": None if last else "more"}
        return httpx.Response(200, json=page)

    with httpx.Client(base_url="http://demo", transport=httpx.MockTransport(answer)) as http:
        assert [flake["id"] for flake in Client(http).graphene(3)] == [1, 2]
