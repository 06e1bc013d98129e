"""Whole scans come in by HTTP: what is taken, what is refused, and that no space stays lost."""

from pathlib import Path

import pytest

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.scan_archives import cancel, zip_of
from tests.api.serving import Running, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, flake_png: bytes) -> Path:
    root = tmp_path_factory.mktemp("scans")
    (root / "chip 12").mkdir()
    (root / "chip 12" / "r000_c000.png").write_bytes(flake_png)
    (root / "chip 13").symlink_to(Path("/etc"))
    return root


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, folder: Path):
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model=tiny_model,
        import_roots=str(folder),
        max_body_bytes=2**20,
        max_archive_bytes=2**22,
    )
    with serving(settings) as running:
        yield running


def upload(service: Running, content: bytes, **fields: object):
    return service.http.post(
        "/v1/scans/upload", files={"archive": ("chip 12.zip", content)}, data=fields
    )


def waiting(service: Running) -> list[Path]:
    return list(service.parts.intake.folder.glob("*"))


def test_an_archive_becomes_a_scan_that_waits_for_a_worker(service: Running, flake_png: bytes):
    answer = upload(
        service, zip_of(a__b=flake_png), oxide_nm=90, affine="0.5, 0, 0, 0, 0.5, 0", material="x"
    )

    scan = answer.json()
    assert answer.status_code == 202
    assert (scan["name"], scan["state"], scan["oxide_nm"]) == ("chip 12", "queued", 90)
    assert scan["affine"] == [0.5, 0, 0, 0, 0.5, 0]
    assert len(waiting(service)) == 1
    cancel(service, scan["id"])
    assert waiting(service) == []


def test_the_same_archive_again_goes_on_with_the_same_scan(service: Running):
    content = zip_of(a=b"1")
    first = upload(service, content).json()["id"]
    assert problem_of(upload(service, content), 409)["detail"].endswith("already.")
    cancel(service, first)

    assert upload(service, content).json()["id"] == first
    cancel(service, first)
    assert upload(service, content, again=True).json()["id"] != first


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"no zip", 422, "This is no zip archive"),
        (b"", 422, "This is no zip archive"),
        (zip_of(**{"..__a": b"1"}), 422, "leads out of the archive"),
        (zip_of(a=b"1")[:-10], 422, "cut off"),
    ],
    # Of the bytes it would be made, which hold the time: two processes would not agree on it.
    ids=["no zip", "empty", "a way out", "cut off"],
)
def test_a_bad_archive_is_refused_and_its_space_given_back(
    service: Running, content: bytes, status: int, words: str
):
    before = waiting(service)

    problem = problem_of(upload(service, content), status)

    assert words in problem["detail"]
    assert waiting(service) == before


def test_a_wrong_field_is_named_and_the_space_given_back(service: Running):
    before = waiting(service)

    problem = problem_of(upload(service, zip_of(a=b"1"), um_per_px="wide"), 422)
    unknown = problem_of(upload(service, zip_of(a=b"1"), colour="red"), 422)

    assert problem["errors"][0]["field"] == "um_per_px"
    assert unknown["errors"][0]["field"] == "colour"
    assert waiting(service) == before


def test_an_archive_may_be_larger_than_other_bodies_up_to_its_own_limit(service: Running):
    before = waiting(service)

    taken = upload(service, zip_of(a=bytes(2**21)))
    refused = upload(service, zip_of(a=bytes(2**22)))

    assert taken.status_code == 202
    assert "4194304 bytes" in problem_of(refused, 413)["detail"]
    assert len(waiting(service)) == len(before) + 1


def test_a_body_that_is_no_form_with_an_archive_is_refused(service: Running):
    url = "/v1/scans/upload"
    other = service.http.post(url, files={"image": ("a.zip", b"1")})
    no_file = service.http.post(url, files={"name": (None, "x")})
    json = service.http.post(url, json={})

    assert "not 'image'" in problem_of(other, 422)["detail"]
    assert "'archive' is missing" in problem_of(no_file, 422)["detail"]
    assert "multipart/form-data" in problem_of(json, 422)["detail"]


def test_a_folder_below_a_root_becomes_a_scan(service: Running, folder: Path):
    body = {"folder": str(folder / "chip 12"), "oxide_nm": 90}

    answer = service.http.post("/v1/scans/import", json=body)

    assert answer.status_code == 202
    assert (answer.json()["name"], answer.json()["state"]) == ("chip 12", "queued")
    found = service.http.get("/v1/scans", params={"source": answer.json()["source"]}).json()
    assert [scan["id"] for scan in found["items"]] == [answer.json()["id"]]
    cancel(service, answer.json()["id"])


@pytest.mark.parametrize("inside", ["../..", "chip 13", "none", "chip 12/../../.."])
def test_a_folder_elsewhere_is_refused_whether_it_is_there_or_not(
    service: Running, folder: Path, inside: str
):
    answer = service.http.post("/v1/scans/import", json={"folder": str(folder / inside)})

    assert "only those are imported" in problem_of(answer, 422)["detail"]


def test_without_roots_nothing_is_imported(running: Running):
    answer = running.http.post("/v1/scans/import", json={"folder": "/"})

    assert "FLAKESCOPE_IMPORT_ROOTS" in problem_of(answer, 422)["detail"]


def test_screening_again_waits_for_a_worker_and_is_refused_meanwhile(
    running: Running, flake_png: bytes
):
    scan_id = running.open_scan()
    running.post_tile(scan_id, flake_png)

    first = running.http.post(f"/v1/scans/{scan_id}/rescreen")
    second = running.http.post(f"/v1/scans/{scan_id}/rescreen", json={"missing": True})
    unknown = running.http.post(f"/v1/scans/{scan_id}/rescreen", json={"model_version": "none"})

    assert first.status_code == 202
    assert first.json()["tiles"]["queued"] == 1
    assert "wait for it, or cancel it" in problem_of(second, 409)["detail"]
    problem_of(unknown, 404)
