"""Sending in the browser: a folder that is dropped, and an upload that goes on after a reload."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.api.drawn import draw_folder
from tests.api.serving import Running
from tests.web.browser import Looking

TILES = 4
# A worker of this process shares its cores with the browser.
SCREENED_MS = 120_000
# More than one piece: the page sends 256 KiB first.
LARGE_BYTES = 700_000
PIECES = re.compile(r"/v1/scans/uploads/[^/]+\?offset=")


@pytest.fixture(scope="module")
def has_worker() -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return draw_folder(tmp_path / "chip 14", TILES, LARGE_BYTES // TILES)


def offset_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.url).query)["offset"][0])


def drop(page: Page, folder: Path) -> None:
    """Let a folder go over the page, as a mouse does that brought it from the desktop."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data})
    devtools.detach()


def send(page: Page, shown: str = "chip 14", name: str = "chip 14") -> None:
    dialog = page.get_by_role("dialog", name="Send a scan")
    expect(dialog).to_contain_text(f"{TILES} files")
    expect(dialog.get_by_label("Name")).to_have_value(shown)
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Send").click()


def check_done(page: Page, running: Running, name: str = "chip 14") -> None:
    page.get_by_role("link", name="Open the scan").click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".badge", has_text="done")).to_be_visible(timeout=SCREENED_MS)
    scan = running.http.get(page.url.replace("#/", "v1/")).raise_for_status().json()
    assert scan["tiles"] == {"expected": TILES, "queued": 0, "screened": TILES, "failed": 0}


def test_a_folder_is_dropped_onto_the_page_and_screened(
    looking: Looking, running: Running, folder: Path
):
    page = looking.open("#/scans")
    drop(page, folder)
    send(page)
    check_done(page, running)


def test_an_upload_goes_on_after_a_reload_in_its_middle(
    looking: Looking, running: Running, folder: Path
):
    page = looking.open("#/scans")
    page.on("dialog", lambda question: question.accept())
    page.route(PIECES, lambda route: route.continue_() if offset_of(route.request) == 0 else None)
    drop(page, folder)
    # The first piece comes through; behind it the line is dead.
    with page.expect_request(
        lambda request: bool(PIECES.search(request.url) and offset_of(request))
    ):
        send(page, name="wafer 7")
    page.reload()
    page.unroute(PIECES)
    expect(page.get_by_text("was interrupted")).to_contain_text("wafer 7")

    offsets: list[int] = []
    page.on(
        "request", lambda request: PIECES.search(request.url) and offsets.append(offset_of(request))
    )
    drop(page, folder)
    expect(page.get_by_role("dialog")).to_contain_text("This was begun before.")
    # It keeps the name that it was given.
    send(page, shown="wafer 7", name="wafer 7")
    check_done(page, running, "wafer 7")
    assert offsets
    assert min(offsets) > 0
