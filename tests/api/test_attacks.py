"""Attacks on the real service: nothing gets in, nothing falls over."""

import io
import socket
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text("do not read")
    (folder / "data").mkdir()
    settings = Settings(
        data_dir=folder / "data",
        model=tiny_model,
        workers=1,
        waiting=4,
        max_body_bytes=3 * 2**20,
        max_archive_bytes=3 * 2**20,
        max_unpacked_bytes=8 * 2**20,
        import_roots=str(folder / "data"),
    )
    with serving(settings) as running:
        yield running


HOSTILE_TEXTS = (
    "'; DROP TABLE scan; --",
    '" OR ""="',
    "1); DELETE FROM flake WHERE (1=1",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} %s %n",
    "../../../../etc/passwd",
    "名前 \u202e\U0001f9ea",
)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_text_is_kept_word_for_word_and_answered_as_json(
    attacked: Running, flake_png: bytes, text: str
):
    body = {"name": text, "material": text, "source": text}
    made = attacked.http.post("/v1/scans", json=body)
    scan_id = made.json()["id"]
    added = attacked.post_tile(scan_id, flake_png, name="a.png", row=0, col=0).json()
    flake_id = added["flakes"][0]["id"]
    review = {"label": "graphene", "note": text}
    reviewed = attacked.http.put(f"/v1/flakes/{flake_id}/review", json=review)

    read = attacked.http.get(f"/v1/scans/{scan_id}")
    assert read.json() | body == read.json()
    assert reviewed.json()["review"]["note"] == text
    for answer in (made, read, reviewed):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    found = attacked.http.get("/v1/scans", params={"source": text}).json()
    assert {scan["source"] for scan in found["items"]} == {text}
    for name in ("sort", "cursor", "layers"):
        answer = attacked.http.get("/v1/flakes", params={name: text})
        assert answer.status_code == 422, name
    assert attacked.http.get(f"/v1/models/{text.replace('/', '')}").status_code in {404, 405}


@pytest.mark.parametrize(
    "name", ["../../secret.png", "C:\\..\\secret.png", "/etc/passwd", "a\x00b"]
)
def test_a_tiles_name_leads_nowhere(attacked: Running, flake_png: bytes, name: str):
    scan_id = attacked.open_scan()
    before = {path for path in attacked.parts.intake.folder.parents[1].rglob("*") if path.is_file()}

    added = attacked.http.post(
        f"/v1/scans/{scan_id}/tiles", files={"image": ("a.png", flake_png)}, data={"name": name}
    )

    assert added.status_code in {201, 422}
    after = {path for path in attacked.parts.intake.folder.parents[1].rglob("*") if path.is_file()}
    assert all("blobs" in path.parts or "flakescope.db" in path.name for path in after - before)


@pytest.mark.parametrize(
    "path",
    ["/docs/assets/../../../secret.txt", "/docs/assets/..%2f..%2f..%2fsecret.txt",
     "/docs/assets/%2e%2e/%2e%2e/secret.txt", "//etc/passwd", "/docs/assets//etc/passwd"],
)  # fmt: skip
def test_a_path_leads_to_no_file(attacked: Running, path: str):
    url = attacked.http.base_url
    # By hand: a client would resolve the dots before it sends them.
    with closing(socket.create_connection((url.host, url.port), timeout=20)) as client:
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 404")
    assert b"do not read" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("folder", ["/etc", "..", "../..", "/proc/self", "a\x00b", "~", "//etc"])
def test_only_the_named_folders_are_imported(attacked: Running, folder: str):
    problem_of(attacked.http.post("/v1/scans/import", json={"folder": folder}), 422)


def zip_of(names: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("archive", "status"),
    [
        (zip_of({"../../secret.txt": b"x"}), 422),
        (zip_of({"/etc/cron.d/x": b"x"}), 422),
        (zip_of({"C:\\x.png": b"x"}), 422),
        (zip_of({"a.png": bytes(2**24)}), 413),
        (zip_of({"a.zip": zip_of({"b.zip": bytes(2**22)}), "c.png": bytes(2**23)}), 413),
        (zip_of({"a.png": b"x"})[:-30], 422),
        (b"PK\x05\x06" + bytes(18), 422),
        (bytes(100), 422),
    ],
    ids=["up", "absolute", "drive", "bomb", "nested bomb", "cut off", "empty", "none"],
)
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    attacked: Running, archive: bytes, status: int
):
    scans = attacked.http.get("/v1/scans").json()["total"]

    answer = attacked.http.post("/v1/scans/upload", files={"archive": ("a.zip", archive)})

    problem_of(answer, status)
    assert attacked.http.get("/v1/scans").json()["total"] == scans
    assert [path for path in attacked.parts.intake.folder.rglob("*") if path.is_file()] == []


def png_bomb(side: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(2**22), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def tiff_bomb(side: int) -> bytes:
    """A TIFF of one strip that promises side x side pixels and has eight bytes."""
    tags = ((256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 8), (262, 3, 1),
            (273, 4, 8), (277, 3, 1), (278, 4, side), (279, 4, 8))  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    return b"II*\x00" + struct.pack("<I", 16) + zlib.compress(b"")[:8].ljust(8, b"\0") + directory


@pytest.mark.parametrize("bomb", [png_bomb(50_000), png_bomb(2**31 - 1), tiff_bomb(2**15)],
                         ids=["png", "png beyond", "tiff"])  # fmt: skip
def test_a_picture_that_would_unpack_to_gigabytes_is_not_unpacked(attacked: Running, bomb: bytes):
    answer = attacked.http.post("/v1/screen", files={"image": bomb})

    assert problem_of(answer, answer.status_code)["status"] in {413, 422}


def test_of_many_at_once_each_is_screened_or_told_to_come_back(attacked: Running, empty_png: bytes):
    def screen(_: int) -> httpx.Response:
        return attacked.http.post("/v1/screen", files={"image": empty_png})

    with ThreadPoolExecutor(200) as threads:
        answers = list(threads.map(screen, range(200)))

    counts = Counter(answer.status_code for answer in answers)
    assert set(counts) <= {200, 503}
    assert counts[200] >= 1
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)
    assert attacked.http.post("/v1/screen", files={"image": empty_png}).status_code == 200
    assert attacked.parts.screener.pool.taken == 0


def test_a_failure_tells_no_path_and_no_trace(settings: Settings, flake_png: bytes, caplog):
    with serving(settings) as running:
        scan_id = running.open_scan()
        # What nobody foresaw: the folder of the images became a file.
        blobs = settings.data_dir / "blobs"
        if blobs.exists():
            for path in sorted(blobs.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            blobs.rmdir()
        blobs.write_text("no folder")
        answer = running.post_tile(scan_id, flake_png)

    assert answer.status_code >= 500
    document = problem_of(answer, answer.status_code)
    for told in (str(settings.data_dir), "blobs", "Traceback", ".py", "sqlalchemy"):
        assert told not in answer.text
    assert document["detail"]
