"""An archive comes in pieces: where it goes on, what is refused, and that no space stays lost."""

from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.scan_archives import cancel, zip_of
from tests.api.serving import Running, serving

URL = "/v1/scans/uploads"
CONTENT = zip_of(a=b"1" * 1000, b=b"2" * 1000)


@pytest.fixture
def service(tmp_path: Path, tiny_model: Path):
    settings = Settings(
        data_dir=tmp_path, model=tiny_model, max_body_bytes=2**16, max_archive_bytes=2**20
    )
    with serving(settings) as running:
        yield running


def announce(service: Running, size_bytes: int = len(CONTENT), **more: object):
    body = {"filename": "chip 12.zip", "size_bytes": size_bytes} | more
    return service.http.post(URL, json=body)


def send(service: Running, upload: dict, content: bytes, offset: int | None = None):
    offset = upload["received_bytes"] if offset is None else offset
    return service.http.put(f"{URL}/{upload['id']}", params={"offset": offset}, content=content)


def complete(service: Running, upload: dict):
    return service.http.post(f"{URL}/{upload['id']}/complete")


def waiting(service: Running) -> list[str]:
    return sorted(path.name for path in service.parts.intake.folder.glob("*"))


def test_pieces_become_the_scan_of_the_whole_and_complete_again_gives_the_same(service: Running):
    upload = announce(service, oxide_nm=90).json()
    assert (upload["received_bytes"], upload["chunk_bytes"]) == (0, 2**16)
    for start in range(0, len(CONTENT), 900):
        upload = send(service, upload, CONTENT[start : start + 900]).raise_for_status().json()

    first, again = complete(service, upload), complete(service, upload)

    assert (first.status_code, again.status_code) == (202, 202)
    scan = first.json()
    assert again.json()["id"] == scan["id"]
    assert (scan["name"], scan["state"], scan["oxide_nm"]) == ("chip 12", "queued", 90)
    one_shot = service.http.post("/v1/scans/upload", files={"archive": ("x.zip", CONTENT)})
    assert problem_of(one_shot, 409)["detail"].endswith("already.")
    cancel(service, scan["id"])
    assert waiting(service) == [f"{upload['id']}.json"]


def test_an_upload_goes_on_where_it_was_after_the_service_was_started_again(
    tmp_path: Path, tiny_model: Path
):
    settings = Settings(data_dir=tmp_path, model=tiny_model)
    with serving(settings) as service:
        begun = announce(service, key="pc: chip 12.zip").json()
        send(service, begun, CONTENT[:700])
    with serving(settings) as service:
        answer = announce(service, key="pc: chip 12.zip")
        upload = answer.json()
        other = announce(service, key="pc: chip 13.zip")
        sent = send(service, upload, CONTENT[700:])
        scan = complete(service, upload)

    assert (answer.status_code, other.status_code) == (200, 201)
    assert (upload["id"], upload["received_bytes"]) == (begun["id"], 700)
    assert sent.json()["received_bytes"] == len(CONTENT)
    assert scan.status_code == 202


def test_what_is_not_the_next_piece_is_refused_and_says_where_to_go_on(service: Running):
    upload = announce(service).json()
    send(service, upload, CONTENT[:700])

    for offset in (0, 699, 701):
        problem = problem_of(send(service, upload, CONTENT[:10], offset), 409)
        assert "has 700 bytes: go on from there" in problem["detail"]
    missing = problem_of(complete(service, upload), 409)
    beyond = problem_of(send(service, upload, bytes(len(CONTENT)), 700), 413)

    assert f"700 of {len(CONTENT)} bytes" in missing["detail"]
    assert f"announced with {len(CONTENT)} bytes" in beyond["detail"]


def test_a_bad_archive_is_refused_when_it_is_whole_and_its_space_given_back(service: Running):
    upload = announce(service, size_bytes=700).json()
    send(service, upload, CONTENT[:700])

    problem = problem_of(complete(service, upload), 422)

    assert "cut off" in problem["detail"]
    assert waiting(service) == []
    problem_of(service.http.get(f"{URL}/{upload['id']}"), 404)


@pytest.mark.parametrize(
    ("size_bytes", "status", "words"),
    [(2**20 + 1, 413, "1048576 are allowed"), (0, 422, "at least one byte")],
)
def test_an_upload_is_refused_by_the_size_that_it_announces(
    service: Running, size_bytes: int, status: int, words: str
):
    assert words in problem_of(announce(service, size_bytes), status)["detail"]
    assert waiting(service) == []


@pytest.mark.parametrize("name", ["0" * 32, "..%2f..%2fetc", "A" * 32])
def test_what_is_no_upload_is_not_found(service: Running, name: str):
    for answer in (
        service.http.get(f"{URL}/{name}"),
        service.http.put(f"{URL}/{name}?offset=0", content=b"1"),
        service.http.post(f"{URL}/{name}/complete"),
        service.http.delete(f"{URL}/{name}"),
    ):
        problem_of(answer, 404)


def test_an_upload_that_is_given_up_leaves_nothing(service: Running):
    upload = announce(service).json()
    send(service, upload, CONTENT[:700])

    assert service.http.delete(f"{URL}/{upload['id']}").status_code == 204

    assert waiting(service) == []


def test_an_archive_whose_scan_was_cancelled_is_sent_anew(service: Running):
    upload = announce(service, key="pc").json()
    send(service, upload, CONTENT)
    scan = complete(service, upload).json()
    assert announce(service, key="pc").json()["scan_id"] == scan["id"]

    cancel(service, scan["id"])
    anew = announce(service, key="pc").json()

    assert (anew["scan_id"], anew["received_bytes"]) == (None, 0)
    send(service, anew, CONTENT)
    assert complete(service, anew).json()["id"] == scan["id"]


def test_an_archive_that_is_being_brought_in_from_elsewhere_is_refused(service: Running):
    scan = service.http.post("/v1/scans/upload", files={"archive": ("x.zip", CONTENT)}).json()
    upload = announce(service).json()
    send(service, upload, CONTENT)
    before = waiting(service)

    problem = problem_of(complete(service, upload), 409)

    assert f"Scan {scan['id']} is being brought in from this already." in problem["detail"]
    assert len(waiting(service)) == len(before) - 2
