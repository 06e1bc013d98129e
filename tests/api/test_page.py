"""The page's files: served without a token, kept by browsers, and of this version of the API."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from service.admin.tokens import create_token
from service.http.page import add_page
from tests.api.serving import Running
from web.scripts.write_client import digest_of, document, written_digest


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What Vite writes, in small."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<script src="./assets/index-abc.js"></script>')
    (tmp_path / "assets" / "index-abc.js").write_text("start()")
    return tmp_path


def answer_of(folder: Path, path: str) -> httpx.Response:
    app = FastAPI()
    add_page(app, folder)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://lab") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_the_start_is_asked_for_anew_and_the_rest_is_kept(built: Path):
    start, script = answer_of(built, "/"), answer_of(built, "/assets/index-abc.js")

    assert start.headers["cache-control"] == "no-cache"
    assert "index-abc.js" in start.text
    assert "immutable" in script.headers["cache-control"]


def test_what_is_not_there_is_not_kept(built: Path):
    missing = answer_of(built, "/assets/index-old.js")

    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


def test_a_service_without_its_page_says_so_and_names_the_api(tmp_path: Path):
    start = answer_of(tmp_path, "/")

    assert start.status_code == 200
    assert "was not built" in start.text
    assert 'href="docs"' in start.text


def test_text_comes_packed_and_pictures_and_streams_as_they_are(running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=0.5)
    tile = running.post_tile(scan_id, flake_png, row=0, col=0).json()

    def packing(address: str) -> str | None:
        with running.http.stream("GET", address, headers={"accept-encoding": "gzip"}) as answer:
            answer.raise_for_status()
            return answer.headers.get("content-encoding")

    assert packing("/openapi.json") == "gzip"
    assert packing(f"/v1/scans/{scan_id}/export/json") == "gzip"
    assert packing(f"/v1/tiles/{tile['tile']['id']}/image") is None
    assert packing(f"/v1/flakes/{tile['flakes'][0]['id']}/crop.png") is None
    assert packing("/v1/events") is None


def test_the_page_opens_without_a_token_and_the_api_does_not(running: Running):
    create_token(running.parts.stores.sessions, "somebody", "admin")

    assert running.http.get("/").status_code == 200
    assert running.http.get("/v1/scans").status_code == 401


def test_the_page_has_no_script_of_its_own_and_nothing_from_elsewhere(running: Running):
    text = running.http.get("/").text

    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))
    assert "//" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', text))


def test_what_the_page_knows_of_the_api_is_up_to_date():
    assert written_digest() == digest_of(document()), "run make web-client"
