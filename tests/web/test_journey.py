"""A day with the page: a scan is sent, looked at and reviewed; a training learns from it."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from service.processes.embedded import embedded_worker
from service.settings import Settings
from tests.api.drawn import draw_tile, png_of
from tests.api.serving import Running, serving
from tests.web.browser import SCHEMES, Looking

pytest.importorskip("torch", reason="trainings need PyTorch")

# 24 flakes of four sizes: an area between two of them keeps a known part.
SIDES_PX = (24, 32, 40, 48)
TILES = 6
FIRST_ROW = "file,stage_x_um,stage_y_um,um_per_px"
KEYS = "gbgb1234gu"
# Processes that begin with PyTorch take minutes on a busy computer.
TRAINED_MS = 600_000
SCREENED_MS = 180_000


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    _built_page: None,
    browser: Browser,
) -> Iterator[Running]:
    """The whole of it: service, worker and trainer on one SQLite file."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), model=tiny_model, workers=1)
    with serving(settings) as service, embedded_worker(settings), trainer(settings):
        yield service


@contextmanager
def trainer(settings: Settings) -> Iterator[None]:
    command = [sys.executable, "-m", "models", "trainer", "--threads", "1"]
    options = ["--data-dir", str(settings.data_dir), "--database-url", settings.url]
    with subprocess.Popen([*command, *options]) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def scan_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "chip 12"
    folder.mkdir()
    rows = [FIRST_ROW]
    for number in range(TILES):
        places = [(30 + 90 * at, 40 + 20 * number, side, side) for at, side in enumerate(SIDES_PX)]
        name = f"tile_{number}.png"
        (folder / name).write_bytes(png_of(draw_tile(*places, seed=number)))
        rows.append(f"{name},{1000 + 150 * (number % 3)},{2000 + 110 * (number // 3)},0.3844")
    (folder / "positions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def check_for_everybody(looking: Looking) -> None:
    """Light and dark, as it is now."""
    for scheme in SCHEMES:
        looking.page.emulate_media(color_scheme=scheme)
        assert looking.serious_findings() == []


def send(page: Page, folder: Path) -> int:
    """Choose a folder, send it, and watch the scan to its end; its id."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(folder)
    dialog = page.get_by_role("dialog", name="Send a scan")
    expect(dialog.get_by_text(folder.name)).to_be_visible()
    dialog.get_by_label("Oxide in nm").fill("90")
    dialog.get_by_role("button", name="Send").click()
    row = page.get_by_role("list", name="Scans").get_by_role("listitem").filter(has_text="chip 12")
    # Nobody reloads the page: events tell it.
    expect(row.get_by_text("done")).to_be_visible(timeout=SCREENED_MS)
    row.get_by_role("link", name="chip 12", exact=True).click()
    expect(page.get_by_role("heading", name="chip 12")).to_be_visible()
    return int(page.evaluate("location.hash").split("/")[2])


def filter_by_area(page: Page, scan_id: int, running: Running) -> str:
    """On the map: leave the larger half of the flakes; the area."""
    page.get_by_role("link", name="Map", exact=True).click()
    flakes = running.http.get(f"/v1/scans/{scan_id}/flakes?limit=200").json()["items"]
    areas = sorted(flake["area_um2"] for flake in flakes)
    assert len(areas) == TILES * len(SIDES_PX)
    expect(page.locator(".map-count")).to_have_text("24 of 24 flakes")
    between = f"{(areas[11] + areas[12]) / 2:.1f}"
    page.get_by_label("Area from").fill(between)
    expect(page.locator(".map-count")).to_have_text("12 of 24 flakes")
    return between


def export(page: Page, scan_id: int, area: str, running: Running) -> None:
    """Download the table; it is what the API gives for the same filter."""
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Table (CSV)").click()
    got = download.value.path().read_bytes()
    query = {"min_area_um2": area, "sort": "-area_um2", "graphene": True}
    wanted = running.http.get(f"/v1/scans/{scan_id}/export/csv", params=query)
    assert got == wanted.raise_for_status().content
    rows = list(csv.DictReader(io.StringIO(got.decode("utf-8-sig"))))
    assert len(rows) == 12
    page.get_by_role("dialog").get_by_role("button", name="Close").click()


def review(page: Page, scan_id: int, running: Running) -> None:
    """Ten verdicts by ten keys."""
    page.locator("main").get_by_role("link", name="Review").click()
    cards = page.get_by_role("listbox", name="Flakes").get_by_role("option")
    expect(cards.first).to_be_visible()
    for key in KEYS:
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("10 of 24 reviewed")
    address = f"/v1/scans/{scan_id}/flakes"
    reviewed = running.http.get(address, params={"reviewed": True, "limit": 100}).json()["items"]
    labels = [flake["review"]["label"] for flake in reviewed]
    assert sorted(labels) == ["graphene"] * 7 + ["not_graphene"] * 2 + ["unsure"]


def train(page: Page) -> str:
    """One epoch of the smallest network; the version that it comes to."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Models").click()
    page.get_by_role("link", name="Trainings").click()
    page.get_by_role("button", name="Start a training").click()
    page.get_by_label("Network").select_option("lenet5")
    page.get_by_label("Epochs").fill("1")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="Training 1")).to_be_visible()
    link = page.get_by_role("link", name="Its version")
    link.wait_for(timeout=TRAINED_MS)
    return str(link.get_attribute("href")).rsplit("/", 1)[1]


def promote(looking: Looking, version: str, running: Running) -> None:
    """Through the gate, or against it: one epoch is no merit, and may well be refused."""
    page = looking.page
    page.get_by_role("button", name="Promote").click()
    dialog = page.get_by_role("dialog", name=f"Promote {version}")
    looking.expected.add(409)
    dialog.get_by_role("button", name="Ask the gate and promote").click()
    done, refused = dialog.get_by_text("screens new tiles now"), dialog.get_by_role("alert")
    expect(done.or_(refused)).to_be_visible(timeout=SCREENED_MS)
    if refused.is_visible():
        expect(refused.get_by_role("listitem")).not_to_have_count(0)
        check_for_everybody(looking)
        dialog.get_by_text("Promote it all the same").click()
        dialog.get_by_label(f"Type {version} to go on").fill(version)
        dialog.get_by_role("button", name="Promote against the gate").click()
        expect(done).to_be_visible(timeout=SCREENED_MS)
    looking.expected.discard(409)
    dialog.get_by_role("button", name="Close").click()
    models = running.http.get("/v1/models").json()["items"]
    assert [model["version"] for model in models if model["is_active"]] == [version]


@pytest.mark.slow
def test_from_a_folder_to_a_model_that_learned_from_it(
    looking: Looking, running: Running, scan_folder: Path
):
    looking.open("#/scans")
    page = looking.listen()
    scan_id = send(page, scan_folder)
    check_for_everybody(looking)
    area = filter_by_area(page, scan_id, running)
    check_for_everybody(looking)
    export(page, scan_id, area, running)
    review(page, scan_id, running)
    check_for_everybody(looking)
    version = train(page)
    check_for_everybody(looking)
    promote(looking, version, running)
    page = looking.open(f"#/models/{version}")
    check_for_everybody(looking)
