"""`flakescope scan`: what is sent, what is sent again, and what is told."""

import zipfile
from pathlib import Path

import httpx
import pytest

from service.cli.client import Client
from service.cli.scan_send import send_archive
from service.settings import Settings
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running, serving
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans") / "chip 12"
    folder.mkdir()
    lines = ["file,row,col,stage_x_um,stage_y_um"]
    for col in range(3):
        name = f"r000_c{col:03}.png"
        (folder / name).write_bytes(png_of(draw_tile(FLAKE_PX, seed=col + 1)))
        lines.append(f"{name},0,{col},{200 * col},-50")
    (folder / "positions.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, folder: Path):
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"), model=tiny_model, import_roots=str(folder.parent)
    )
    with serving(settings) as running:
        yield running


def url_of(service: Running) -> str:
    return str(service.http.base_url)


def newest(service: Running) -> dict:
    return service.http.get("/v1/scans", params={"limit": 1}).json()["items"][0]


def test_a_folder_is_sent_tile_by_tile_and_again_only_what_is_missing(
    service: Running, folder: Path, run: Run
):
    first = run("scan", "upload", folder, "--url", url_of(service), "--no-wait", "--oxide-nm", 90)
    scan = newest(service)
    again = run("scan", "upload", folder, "--url", url_of(service), "--no-wait")

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "3 of 3 tiles were sent" in first.stderr
    assert "0 of 3 tiles were sent" in again.stderr
    assert newest(service)["id"] == scan["id"]
    assert (scan["name"], scan["state"], scan["oxide_nm"]) == ("chip 12", "queued", 90)
    assert scan["tiles"] == {"expected": 3, "queued": 3, "screened": 0, "failed": 0}
    tiles = service.http.get(f"/v1/scans/{scan['id']}/tiles").json()["items"]
    places = sorted((tile["col"], tile["stage_x_um"], tile["stage_y_um"]) for tile in tiles)
    assert places == [(0, 0, -50), (1, 200, -50), (2, 400, -50)]


def test_a_zip_is_sent_as_it_is(service: Running, folder: Path, run: Run, tmp_path: Path):
    archive = tmp_path / "chip 14.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)

    sent = run(
        "scan", "upload", archive, "--url", url_of(service), "--no-wait", "--name", "chip 14, again"
    )

    assert sent.exit_code == 0, sent.output
    assert (newest(service)["name"], newest(service)["state"]) == ("chip 14, again", "queued")


def test_a_zip_goes_on_where_it_was_when_sender_and_service_were_killed(
    tmp_path: Path, tiny_model: Path, folder: Path
):
    archive = tmp_path / "chip 15.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)
    settings = Settings(data_dir=tmp_path, model=tiny_model, max_body_bytes=2**15)
    with serving(settings) as service:
        client = Broken(service.http, pieces=2)
        with pytest.raises(KeyboardInterrupt):
            send_archive(client, archive, {})
    with serving(settings) as service:
        client = Broken(service.http, pieces=1000)
        scan_id = send_archive(client, archive, {"oxide_nm": 90})

        again = send_archive(Broken(service.http, pieces=0), archive, {"oxide_nm": 90})
        other = send_archive(Broken(service.http, pieces=1000), archive, {}, again=True)

    assert client.sent == -(-archive.stat().st_size // 2**15) - 2
    assert again == scan_id
    assert other != scan_id


class Broken(Client):
    """A client that ends when it has sent so many pieces."""

    def __init__(self, http: httpx.Client, pieces: int) -> None:
        super().__init__(http)
        self.left, self.sent = pieces, 0

    def call(self, method: str, path: str, **request: object) -> dict:
        if method == "PUT":
            if self.sent == self.left:
                raise KeyboardInterrupt
            self.sent += 1
        return super().call(method, path, **request)


def test_a_folder_of_the_service_is_imported_looked_at_and_cancelled(
    service: Running, folder: Path, run: Run
):
    url = ("--url", url_of(service))
    imported = run("scan", "import", folder, *url, "--no-wait")
    scan_id = newest(service)["id"]

    status = run("scan", "status", *url)
    cancelled = run("scan", "cancel", scan_id, *url)
    ended = run("scan", "status", scan_id, "--wait", *url)

    assert imported.exit_code == 0, imported.output
    assert "chip 12" in status.stdout
    assert "queued" in status.stdout
    assert "cancelled" in cancelled.stdout
    assert ended.exit_code == 1


def test_what_the_service_refuses_is_a_sentence(service: Running, run: Run, tmp_path: Path):
    refused = run("scan", "import", tmp_path, "--url", url_of(service))

    assert refused.exit_code == 1
    assert "only those are imported" in refused.stderr


def test_a_service_that_does_not_answer_is_a_sentence(run: Run):
    done = run("scan", "status", "--url", "http://127.0.0.1:1")

    assert done.exit_code == 1
    assert done.stderr.startswith("flakescope: The service at http://127.0.0.1:1 does not answer")


def test_a_scan_is_deleted_after_a_question_and_may_leave_its_labels(
    service: Running, reviewed_scan: int, run: Run
):
    empty = service.open_scan()
    url = ("--url", url_of(service))
    asked = run("scan", "delete", empty, *url)
    gone = run("scan", "delete", empty, "--keep-labels", "--yes", *url)
    kept = run("scan", "delete", reviewed_scan, "--keep-labels", "--yes", *url)
    again = run("scan", "delete", empty, "--yes", *url)

    assert asked.exit_code == 1
    assert "nobody had reviewed it" in gone.stdout
    assert kept.stdout.startswith(f"scan {reviewed_scan}: deleted\n  its labels are data set")
    assert "1 graphene, 0 other" in kept.stdout
    assert (again.exit_code, "There is no scan" in again.stderr) == (1, True)


@pytest.fixture
def reviewed_scan(service: Running) -> int:
    """A scan of one tile whose flake somebody has reviewed."""
    scan_id = service.open_scan()
    flake = service.post_tile(scan_id, png_of(draw_tile(FLAKE_PX))).json()["flakes"][0]
    service.http.put(f"/v1/flakes/{flake['id']}/review", json={"label": "graphene"})
    return scan_id
