"""Tiles through the client into the real service."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from flakescope.client import Client, Refused, TileResult
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running

SCALE = {"um_per_px": 0.5, "oxide_nm": 90}


def test_an_array_becomes_a_tile_with_its_flakes_on_the_stage(url: str, tmp_path: Path):
    with Client(url, spool=tmp_path) as client, client.scan("chip", **SCALE) as scan:
        number = scan.send(draw_tile(FLAKE_PX), x_um=1000, y_um=-50, z_um=3.5)
        (result,) = scan.results(timeout_s=60)

    assert (result.number, result.status, result.error) == (number, 201, None)
    assert (result.tile.stage_x_um, result.tile.stage_z_um) == (1000, 3.5)
    (flake,) = result.flakes
    assert flake.is_graphene
    assert flake.centre_um == pytest.approx((1015, -62.5), abs=0.5)


def test_sixteen_bits_and_grey_arrive_as_they_are(url: str, tmp_path: Path, service: Running):
    grey = (draw_tile(FLAKE_PX)[..., 1].astype(np.uint16) * 16).astype(">u2")
    with Client(url, spool=tmp_path) as client, client.scan("chip", **SCALE) as scan:
        scan.send(grey, row=0, col=0)
        (result,) = scan.results(timeout_s=60)

    kept = service.parts.stores.blobs.get(result.tile.sha256)
    assert kept.startswith(b"II*\0")
    assert grey.astype("<u2").tobytes() in kept
    assert len(result.flakes) == 1


def test_later_changes_of_an_array_do_not_reach_its_tile(url: str, tmp_path: Path):
    camera = draw_tile(FLAKE_PX)
    with Client(url, spool=tmp_path) as client, client.scan("chip", **SCALE) as scan:
        for col in range(3):
            scan.send(camera, row=0, col=col)
            camera[:] = 120
        flakes = {result.tile.col: len(result.flakes) for result in scan.results(timeout_s=60)}

    assert flakes == {0: 1, 1: 0, 2: 0}


def test_files_and_bytes_are_sent_as_they_are(url: str, tmp_path: Path, flake_png: bytes):
    file = tmp_path / "r0.png"
    file.write_bytes(flake_png)
    results: list[TileResult] = []
    with Client(url, spool=tmp_path / "spool") as client:
        with client.scan("chip", on_result=results.append, **SCALE) as scan:
            scan.send(file)
            scan.send(flake_png, name="again.png")
        flakes = list(scan.flakes(graphene=True))
        status = scan.wait_until_done(timeout_s=60)

    assert {result.tile.name for result in results} == {"r0.png", "again.png"}
    assert len({result.tile.sha256 for result in results}) == 1
    assert len(flakes) == 2
    assert (status.screened, status.graphene, status.state) == (2, 2, "open")


def test_the_same_tile_again_changes_nothing_and_other_bytes_are_refused(
    url: str, tmp_path: Path, flake_png: bytes, empty_png: bytes
):
    with Client(url, spool=tmp_path) as client, client.scan("chip", **SCALE) as scan:
        answers = []
        for row, image in ((0, flake_png), (0, flake_png), (0, empty_png), (1, b"%PDF-1.7")):
            scan.send(image, row=row, col=0)
            answers += list(scan.results(timeout_s=60))

    assert [answer.status for answer in answers] == [201, 200, 409, 422]
    assert "Another image stands at row 0 col 0" in answers[2].error
    assert "a PDF document" in answers[3].error
    # What was refused is kept beside what waits.
    assert len(list(tmp_path.rglob("*.refused"))) == 2
    assert not list(tmp_path.rglob("*.tile"))


def test_a_scan_is_reopened_by_its_id_or_its_source(url: str, tmp_path: Path):
    with Client(url, spool=tmp_path) as client:
        scan = client.scan("chip", source="microscope 3, run 8")
        by_id = client.scan(scan_id=scan.id)
        by_source = client.scan("chip", source="microscope 3, run 8")
        with pytest.raises(Refused, match=r"scan 999999"):
            client.scan(scan_id=999_999)

    assert scan.id == by_id.id == by_source.id


@pytest.mark.parametrize(
    ("place", "words"),
    [({}, "no place"), ({"x_um": 1.0}, "belong together"), ({"row": 1}, "belong together")],
)
def test_a_tile_without_a_place_is_an_error_at_once(
    url: str, tmp_path: Path, place: dict, words: str
):
    with Client(url, spool=tmp_path) as client:
        scan = client.scan("chip")
        with pytest.raises(ValueError, match=words):
            scan.send(draw_tile(), **place)
        assert scan.unanswered == 0


@pytest.mark.parametrize("array", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8)])
def test_an_array_that_is_no_image_is_an_error_at_once(url: str, tmp_path: Path, array: np.ndarray):
    with Client(url, spool=tmp_path) as client:
        scan = client.scan("chip")
        with pytest.raises(ValueError, match="The array"):
            scan.send(array, row=0, col=0)


def test_many_threads_may_send_to_one_scan(url: str, tmp_path: Path, empty_png: bytes):
    with Client(url, spool=tmp_path) as client, client.scan("chip") as scan:
        with ThreadPoolExecutor(8) as threads:
            numbers = list(threads.map(lambda col: scan.send(empty_png, row=0, col=col), range(24)))
        results = list(scan.results(timeout_s=60))

    assert sorted(result.number for result in results) == sorted(numbers) == list(range(1, 25))
    assert {result.tile.col for result in results} == set(range(24))


def test_the_client_imports_nothing_heavy():
    script = (
        "import sys; import flakescope.client; "
        "print(sorted({'numpy', 'cv2', 'sqlalchemy', 'pydantic', 'service'} & set(sys.modules)))"
    )
    heavy = subprocess.check_output([sys.executable, "-c", script], text=True)

    assert heavy == "[]\n"


@pytest.fixture(scope="module")
def flake_png() -> bytes:
    return png_of(draw_tile(FLAKE_PX))


@pytest.fixture(scope="module")
def empty_png() -> bytes:
    return png_of(draw_tile())
