"""`flakescope watch`: folders that others write to, slowly, out of order, and half."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from service.cli.watch_files import WatchedFiles
from service.cli.watch_state import FileMark, WatchState
from service.settings import Settings
from tests.api.drawn import draw_tile, png_of
from tests.api.serving import Running, serving
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
FLAKE_PX = (200, 100, 60, 50)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path):
    with serving(Settings(data_dir=tmp_path_factory.mktemp("data"), model=tiny_model)) as running:
        yield running


@pytest.fixture(scope="module")
def images() -> list[bytes]:
    """Six different tiles."""
    return [png_of(draw_tile(FLAKE_PX, seed=seed)) for seed in range(1, 7)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "chip 12"
    folder.mkdir()
    return folder


def options(service: Running, tmp_path: Path, *more: object) -> list[object]:
    state = tmp_path / "state.jsonl"
    fixed = ("--url", service.http.base_url, "--state", state, "--every", 0.1)
    return [*fixed, "--until-idle", 0.8, "--position-wait", 0.5, *more]


def tiles_of(service: Running) -> list[dict]:
    """Tiles of the newest scan."""
    (scan,) = service.http.get("/v1/scans", params={"limit": 1}).json()["items"]
    return service.http.get(f"/v1/scans/{scan['id']}/tiles").json()["items"]


def test_images_are_sent_as_they_come_and_their_positions_when_those_come(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    table = folder / "positions.csv"
    table.write_text("file,stage_x_um,stage_y_um,um_per_px\n")

    def acquire() -> None:
        # The image first, half of it, then the rest, and later the line that says where it was.
        for number, image in enumerate(images):
            path = folder / f"t{number}.png"
            path.write_bytes(image[:500])
            time.sleep(0.12)
            path.write_bytes(image)
            time.sleep(0.12)
            with table.open("a") as file:
                file.write(f"t{number}.png,{1000 + 100 * number},-50,0.5\n")

    microscope = threading.Thread(target=acquire)
    microscope.start()
    done = run("watch", folder, *options(service, tmp_path, "--position-wait", 5))
    microscope.join()

    assert done.exit_code == 0, done.output
    assert "6 tiles sent" in done.stderr
    tiles = sorted(tiles_of(service), key=lambda tile: tile["name"])
    assert [tile["stage_x_um"] for tile in tiles] == [1000 + 100 * n for n in range(6)]
    assert [tile["sha256"] for tile in tiles] == [sha256(image).hexdigest() for image in images]


def test_a_tile_without_a_position_waits_so_long_and_no_longer(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    (folder / "overview.png").write_bytes(images[0])
    (folder / "detail.png").write_bytes(images[1])
    (folder / "positions.csv").write_text("file,stage_x_um,stage_y_um\noverview.png,7,8\n")

    done = run("watch", folder, *options(service, tmp_path), "--scan-name", "by hand")

    assert done.exit_code == 0, done.output
    places = {tile["name"]: tile["stage_x_um"] for tile in tiles_of(service)}
    assert places == {"overview.png": 7, "detail.png": None}


def test_started_again_it_sends_only_what_is_new(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    for number in range(3):
        (folder / f"r0_c{number}.png").write_bytes(images[number])
    first = run("watch", folder, *options(service, tmp_path))
    (folder / "r0_c3.png").write_bytes(images[3])
    second = run("watch", folder, *options(service, tmp_path))
    third = run("watch", folder, *options(service, tmp_path), "--again")

    assert "3 tiles sent" in first.stderr
    assert "1 tiles sent" in second.stderr
    assert "4 tiles sent" in third.stderr
    assert len(tiles_of(service)) == 4


def test_an_image_that_is_refused_is_told_and_sent_again_when_it_changes(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    (folder / "r0_c0.png").write_bytes(images[0])
    (folder / "r0_c1.png").write_bytes(images[1][:800])
    first = run("watch", folder, *options(service, tmp_path))
    again = run("watch", folder, *options(service, tmp_path))
    (folder / "r0_c1.png").write_bytes(images[1])
    last = run("watch", folder, *options(service, tmp_path))

    assert [done.exit_code for done in (first, again, last)] == [1, 1, 0]
    assert "r0_c1.png: " in first.stderr
    assert "0 tiles sent" in again.stderr
    assert "1 tiles sent" in last.stderr
    assert len(tiles_of(service)) == 2


def test_two_watchers_do_not_share_a_folder(
    service: Running, folder: Path, tmp_path: Path, run: Run
):
    state = WatchState(tmp_path / "state.jsonl")
    done = run("watch", folder, *options(service, tmp_path))
    state.close()

    assert done.exit_code == 1
    assert "is being watched already" in done.stderr


def test_a_scan_that_was_deleted_is_told(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    (folder / "a.png").write_bytes(images[0])
    run("watch", folder, *options(service, tmp_path))
    (scan,) = service.http.get("/v1/scans", params={"limit": 1}).json()["items"]
    service.http.delete(f"/v1/scans/{scan['id']}")
    (folder / "b.png").write_bytes(images[1])
    done = run("watch", folder, *options(service, tmp_path))

    assert done.exit_code == 1
    assert "--again makes a new one" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_watcher_that_is_killed_three_times_sends_every_tile_once(
    service: Running, folder: Path, tmp_path: Path
):
    count = 24
    images = [png_of(draw_tile(seed=seed)) for seed in range(count)]
    table = folder / "positions.csv"
    table.write_text("file,stage_x_um,stage_y_um,um_per_px\n")

    def acquire() -> None:
        for number in sorted(range(count), key=lambda n: (n // 6, -n)):
            path = folder / f"t{number}.png"
            path.write_bytes(images[number][:700])
            time.sleep(0.05)
            path.write_bytes(images[number])
            with table.open("a") as file:
                file.write(f"t{number}.png,{1000 + 100 * number},-50,0.5\n")
            time.sleep(0.05)

    microscope = threading.Thread(target=acquire)
    microscope.start()
    given = options(service, tmp_path, "--position-wait", 20)
    command = [sys.executable, "-m", "service", "watch", str(folder), *map(str, given)]
    state = tmp_path / "state.jsonl"
    for kill in range(3):
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        wait_for(lambda kill=kill: sent(state) >= 4 * (kill + 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    microscope.join()

    tiles = tiles_of(service)
    assert sorted(tile["sha256"] for tile in tiles) == sorted(
        sha256(image).hexdigest() for image in images
    ), last.stderr
    places = {tile["name"]: tile["stage_x_um"] for tile in tiles}
    assert places == {f"t{number}.png": 1000 + 100 * number for number in range(count)}


def sent(state: Path) -> int:
    return state.read_text().count('"sent"') if state.is_file() else 0


def wait_for(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_tile_that_was_begun_is_sent_in_the_same_words(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    (folder / "a.png").write_bytes(images[0])
    state = WatchState(tmp_path / "state.jsonl")
    state.begin("a.png", {"name": "a.png", "row": 3, "col": 4})
    state.close()

    run("watch", folder, *options(service, tmp_path))

    (tile,) = tiles_of(service)
    assert (tile["row"], tile["col"]) == (3, 4)


def test_a_line_that_a_kill_cut_harms_no_other(tmp_path: Path):
    path = tmp_path / "state.jsonl"
    state = WatchState(path)
    state.set_scan("watch 1", 7)
    state.note_sent("a.png")
    state.note_refused("b.png", FileMark(5, 6))
    state.close()
    path.write_text(path.read_text() + json.dumps({"sent": "c.png"})[:-4])

    again = WatchState(path)
    again.note_sent("d.png")
    again.close()
    last = WatchState(path)
    last.close()

    assert last.sent == {"a.png", "d.png"}
    assert last.refused == {"b.png": FileMark(5, 6)}
    assert (last.source, last.scan_id) == ("watch 1", 7)


def test_a_file_is_whole_after_two_equal_looks_and_sent_files_are_not_looked_at(folder: Path):
    now_s = [0.0]
    files = WatchedFiles(folder, position_wait_s=0, clock=lambda: now_s[0])
    growing, sent_image = folder / "r0_c0.png", folder / "r0_c1.png"
    growing.write_bytes(b"a")
    sent_image.write_bytes(b"b")

    def look() -> list[str]:
        now_s[0] += 1
        return [ready.key for ready in files.look({"r0_c1.png"})]

    first = look()
    growing.write_bytes(b"ab")
    second, third = look(), look()
    growing.write_bytes(b"abc")
    fourth = look()

    assert (first, second, third, fourth) == ([], [], ["r0_c0.png"], [])


def test_an_empty_file_is_never_whole(folder: Path):
    files = WatchedFiles(folder, position_wait_s=0)
    (folder / "a.png").touch()

    assert [files.look(set()) for _ in range(3)] == [[], [], []]
    assert files.waiting == 1


def test_a_side_file_that_is_half_written_is_read_when_it_is_whole(folder: Path):
    now_s = itertools.count()
    files = WatchedFiles(folder, position_wait_s=0, clock=lambda: float(next(now_s)))
    (folder / "a.png").write_bytes(b"a")
    described = folder / "metadata.txt"
    described.write_text('{"Summary": {')
    files.look(set())
    files.look(set())
    trouble = files.trouble
    entry = {"FileName": "a.png", "XPositionUm": 5.0, "YPositionUm": 6.0}
    described.write_text(json.dumps({"Summary": {}, "Metadata-a.png": entry}))

    ready = [one for _ in range(9) for one in files.look(set())]

    assert "metadata.txt" in trouble
    assert ready[-1].tile.stage_x_um == 5
    assert files.trouble is None


def test_a_stated_scale_counts_for_tiles_whose_table_says_another(
    service: Running, folder: Path, tmp_path: Path, run: Run, images: list[bytes]
):
    (folder / "r0_c0.png").write_bytes(images[0])
    table = "file,stage_x_um,stage_y_um,um_per_px\nr0_c0.png,0,0,0.3844\n"
    (folder / "positions.csv").write_text(table)

    done = run("watch", folder, *options(service, tmp_path), "--um-per-px", 0.2)

    assert "1 tiles sent" in done.stderr
    assert [tile["um_per_px"] for tile in tiles_of(service)] == [0.2]
