"""`flakescope scan`: what is sent, what is sent again, and what is told."""

import zipfile
from pathlib import Path

import httpx
import pytest
import tifffile

from service.cli.client import Client
from service.cli.scan_send import send_archive
from service.formats.read_folder import read_folder
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


def ome_folder(folder: Path, um_per_px: float = 0.3844) -> Path:
    """Two tiles whose files say their scale, beside an image of another kind that is left out."""
    folder.mkdir()
    for number in range(2):
        image = draw_tile(FLAKE_PX, seed=number + 1)
        tifffile.imwrite(
            folder / f"r000_c{number:03}.ome.tif",
            image,
            photometric="rgb",
            metadata={
                "axes": "YXS",
                "PhysicalSizeX": um_per_px,
                "PhysicalSizeXUnit": "um",
                "PhysicalSizeY": um_per_px,
                "PhysicalSizeYUnit": "um",
            },
        )
        place = png_of(draw_tile()[:20, :20])
        (folder / f"r000_c{number:03}_mask.png").write_bytes(place)
    return folder


def tiles_of(service: Running, scan_id: int) -> list[dict]:
    return service.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"]


def test_a_folder_keeps_and_tells_what_its_reader_said(service: Running, run: Run, tmp_path: Path):
    folder = ome_folder(tmp_path / "chip 21")

    sent = run("scan", "upload", folder, "--url", url_of(service), "--no-wait")

    scan = newest(service)
    assert sent.exit_code == 0, sent.output
    assert scan["format"] == read_folder(folder).format
    assert scan["notes"] == read_folder(folder).notes
    assert any("left out" in note for note in scan["notes"])
    assert f"Read as: {scan['format']}" in sent.stdout
    for note in scan["notes"]:
        assert f"- {note}" in sent.stdout


def test_a_stated_scale_counts_for_every_tile_of_a_folder(
    service: Running, run: Run, tmp_path: Path
):
    folder = ome_folder(tmp_path / "chip 22")
    url = ("--url", url_of(service), "--no-wait")

    run("scan", "upload", folder, *url, "--um-per-px", 0.2)
    stated = newest(service)
    run("scan", "upload", folder, *url, "--again")
    said = newest(service)

    assert (stated["um_per_px"], stated["um_per_px_from"]) == (0.2, "stated")
    assert stated["files_um_per_px"] == pytest.approx(0.3844)
    assert {tile["um_per_px"] for tile in tiles_of(service, stated["id"])} == {0.2}
    assert (said["um_per_px"], said["um_per_px_from"]) == (pytest.approx(0.3844), "files")


@pytest.mark.parametrize("kind", ["folder", "zip", "import"])
def test_what_was_sent_before_is_refused_with_other_settings(
    service: Running, folder: Path, run: Run, tmp_path: Path, kind: str
):
    source = folder
    if kind == "zip":
        source = tmp_path / "chip 23.zip"
        with zipfile.ZipFile(source, "w") as packed:
            packed.writestr(f"{kind}.txt", kind)
            for file in folder.iterdir():
                packed.write(file, file.name)
    command = "import" if kind == "import" else "upload"
    call = ("scan", command, source, "--url", url_of(service), "--no-wait")
    first = run(*call, "--again", "--oxide-nm", 90)
    scan_id = newest(service)["id"]
    if kind == "import":
        service.http.post(f"/v1/scans/{scan_id}/cancel").raise_for_status()

    other = run(*call, "--oxide-nm", 285)
    same = run(*call, "--oxide-nm", 90)

    assert first.exit_code == 0, first.output
    assert other.exit_code == 1
    assert f"This is here already as scan {scan_id}, with oxide_nm 90" in other.stderr
    assert "or send it as a new one with --again" in other.stderr
    assert same.exit_code == 0, same.output
    assert newest(service)["id"] == scan_id


def test_a_scan_is_put_right_by_a_command(service: Running, run: Run):
    scan_id = service.open_scan(um_per_px=0.5)
    service.post_tile(scan_id, png_of(draw_tile(FLAKE_PX)), name="a", stage_x_um=0, stage_y_um=0)
    url = ("--url", url_of(service), "--no-wait")

    said = run("scan", "set", scan_id, *url, "--um-per-px", 0.2, "--oxide-nm", 90, "--flip-x")
    nothing = run("scan", "set", scan_id, *url)

    scan = service.http.get(f"/v1/scans/{scan_id}").json()
    assert said.exit_code == 0, said.output
    assert (scan["um_per_px"], scan["oxide_nm"], scan["flip_x"]) == (0.2, 90, True)
    assert (scan["state"], scan["tiles"]["queued"]) == ("queued", 1)
    assert {tile["um_per_px"] for tile in tiles_of(service, scan_id)} == {0.2}
    assert nothing.exit_code == 2
