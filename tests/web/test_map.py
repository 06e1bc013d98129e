"""The chip map in the browser: it shows where flakes lie, and restores itself from its address."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.drawn import draw_tile, png_of
from tests.api.serving import Running
from tests.web.browser import SCHEMES, WIDTHS, Looking

# On each tile a small and a large flake: sorting and filtering by area have one answer.
FLAKES_PX = ((20, 20, 20, 20), (120, 60, 48, 48))
STAGES_UM = ((1000.0, 2000.0), (1120.0, 2000.0))

IS_THERE = """([x, y]) => {
  const query = new URLSearchParams(location.hash.split("?")[1]);
  return Math.abs(query.get("x") - x) < 1 && Math.abs(query.get("y") - y) < 1;
}"""

SQUARES_ARE_OF = """(revision) => performance.getEntriesByType("resource").some(({ name }) =>
  /[/]map[/][0-9]+[/]/.test(name) && new URL(name).searchParams.get("v") === revision)"""


@dataclass(frozen=True)
class Chip:
    """A screened scan of two tiles with four flakes."""

    running: Running
    scan_id: int

    @property
    def place(self) -> str:
        return f"#/scans/{self.scan_id}/map"

    def flakes(self) -> list[dict[str, Any]]:
        """The largest first; of equals the first found."""
        address = f"/v1/scans/{self.scan_id}/flakes"
        items = self.running.http.get(address).raise_for_status().json()["items"]
        return sorted(items, key=lambda flake: (-flake["area_um2"], flake["id"]))


@pytest.fixture
def chip(running: Running) -> Chip:
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    tile = png_of(draw_tile(*FLAKES_PX))
    for col, (x_um, y_um) in enumerate(STAGES_UM):
        posted = running.post_tile(
            scan_id, tile, name=f"tile{col}.png", stage_x_um=x_um, stage_y_um=y_um
        )
        assert posted.status_code == 201, posted.text
        assert len(posted.json()["flakes"]) == len(FLAKES_PX)
    return Chip(running, scan_id)


def opened(looking: Looking, place: str) -> Page:
    page = looking.open(place)
    expect(page.locator(".map-count")).to_have_text(re.compile(r"of \d+ flakes"))
    # Not before the map is drawn does it hear the pointer.
    expect(page.locator(".map-target")).to_have_attribute("aria-busy", "false")
    return page


@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_map_has_no_serious_fault_for_who_cannot_see_it(
    looking: Looking, chip: Chip, width: int
):
    looking.page.set_viewport_size({"width": width, "height": 768})
    page = opened(looking, f"{chip.place}?flake={chip.flakes()[0]['id']}")
    expect(page.get_by_role("button", name="Copy the stage position")).to_be_visible()
    assert looking.serious_findings() == []


def test_the_map_page_is_as_high_as_the_window_however_long_its_list(
    looking: Looking, running: Running
):
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    many_px = [(15 + 64 * col, 15 + 72 * row, 40, 40) for row in range(4) for col in range(6)]
    for number in range(2):
        tile = png_of(draw_tile(*many_px, seed=number))
        posted = running.post_tile(
            scan_id, tile, name=f"{number}.png", stage_x_um=200 * number, stage_y_um=0
        )
        assert posted.status_code == 201, posted.text
    page = opened(looking, f"#/scans/{scan_id}/map")
    expect(page.locator(".map-list li")).to_have_count(48)
    assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_a_filter_by_area_stands_in_the_address_and_comes_back_from_it(
    looking: Looking, chip: Chip
):
    large = chip.flakes()[0]
    page = opened(looking, chip.place)
    expect(page.locator(".map-count")).to_have_text("4 of 4 flakes")
    page.get_by_label("Area from").fill(str(large["area_um2"] / 2))
    expect(page.locator(".map-count")).to_have_text("2 of 4 flakes")
    again = opened(looking, page.evaluate("location.hash"))
    expect(again.locator(".map-count")).to_have_text("2 of 4 flakes")


def test_keys_go_to_the_next_flake_and_judge_it(looking: Looking, chip: Chip):
    first, second = chip.flakes()[:2]
    page = opened(looking, chip.place)
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name=f"Flake {first['id']}")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name=f"Flake {second['id']}")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Not graphene")).to_have_attribute(
        "aria-pressed", "true"
    )
    reviews = {flake["id"]: flake["review"] for flake in chip.flakes()}
    assert reviews[second["id"]]["label"] == "not_graphene"
    assert reviews[first["id"]] is None
    # What a person called other is no longer shown as graphene.
    expect(page.locator(".map-count")).to_have_text("3 of 4 flakes")


def test_a_flake_is_found_by_its_id_and_its_position_is_copied(looking: Looking, chip: Chip):
    flake = chip.flakes()[-1]
    page = opened(looking, chip.place)
    page.get_by_role("searchbox").fill(str(flake["id"]))
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("button", name="Copy the stage position").click()
    expect(page.get_by_text("Copied:")).to_be_visible()
    copied = [float(part) for part in page.evaluate("navigator.clipboard.readText()").split(",")]
    assert copied == pytest.approx(flake["centre_um"], abs=0.051)
    # The map goes there: its middle, in the address, becomes the flake.
    page.wait_for_function(IS_THERE, arg=flake["centre_um"])


def test_what_lies_under_the_pointer_is_told_where_the_stage_has_it(looking: Looking, chip: Chip):
    flake = chip.flakes()[0]
    x_um, y_um = flake["centre_um"]
    page = opened(looking, f"{chip.place}?x={x_um}&y={y_um}&r=0.2")
    expect(page.locator(".map-list li")).not_to_have_count(0)
    target = page.get_by_role("region", name="Chip map").bounding_box()
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2)
    expect(page.locator(".map-hover")).to_contain_text(str(flake["id"]))
    page.mouse.click(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2)
    expect(page.get_by_role("heading", name=f"Flake {flake['id']}")).to_be_visible()


def test_a_distance_is_measured_in_um_of_the_stage(looking: Looking, chip: Chip):
    x_um, y_um = STAGES_UM[0]
    page = opened(looking, f"{chip.place}?x={x_um}&y={y_um}&r=0.25")
    target = page.get_by_role("region", name="Chip map").bounding_box()
    page.keyboard.press("m")
    expect(page.locator(".is-measure strong")).to_have_text("Distance")
    page.mouse.click(target["x"] + 200, target["y"] + 300)
    page.mouse.dblclick(target["x"] + 600, target["y"] + 300)
    expect(page.locator(".is-measure strong")).to_have_text("100 µm")


def test_a_scan_without_positions_says_so(looking: Looking, running: Running, flake_png: bytes):
    scan_id = running.open_scan()
    posted = running.post_tile(scan_id, flake_png, row=0, col=0)
    assert posted.status_code == 201, posted.text
    page = opened(looking, f"#/scans/{scan_id}/map")
    expect(page.get_by_text("stage positions of this scan are unknown")).to_be_visible()
    expect(page.locator(".map-scale")).to_contain_text("px")


def test_a_download_asks_for_what_the_map_shows(looking: Looking, chip: Chip):
    large = chip.flakes()[0]
    page = opened(looking, f"{chip.place}?area_from={large['area_um2'] / 2}")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Table (CSV)").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").strip().splitlines()
    # A line of names, and two flakes.
    assert len(rows) == 3


def test_the_map_follows_a_scan_while_its_tiles_come(looking: Looking, running: Running):
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    page = looking.open(f"#/scans/{scan_id}/map")
    expect(page.get_by_text("Nothing to show yet")).to_be_visible()
    looking.listen()

    tile = png_of(draw_tile(*FLAKES_PX))
    for number, (x_um, y_um) in enumerate(STAGES_UM):
        posted = running.post_tile(
            scan_id, tile, name=f"{number}.png", stage_x_um=x_um, stage_y_um=y_um
        )
        assert posted.status_code == 201, posted.text
        # Nobody reloads the page: events tell it.
        count = len(FLAKES_PX) * (number + 1)
        expect(page.locator(".map-count")).to_have_text(f"{count} of {count} flakes")
        expect(page.locator(".map-about")).to_contain_text(f"{number + 1} tiles")
    # The picture, too: squares of the latest revision are asked for.
    revision = running.http.get(f"/v1/scans/{scan_id}/map").json()["revision"]
    page.wait_for_function(SQUARES_ARE_OF, arg=revision)
