"""Scans in the browser: a folder is sent, watched live, looked after and deleted."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.drawn import draw_folder, draw_tile, png_of
from tests.api.serving import Running
from tests.web.browser import SCHEMES, WIDTHS, Looking

TILES = 4
# A worker of this process shares its cores with the browser.
_SCREENED_MS = 120_000


@pytest.fixture(scope="module")
def has_worker() -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four tiles and a leftover."""
    chip = draw_folder(tmp_path / "chip 12", TILES)
    (chip / ".DS_Store").write_bytes(b"leftover")
    return chip


def choose(page: Page, button: str, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(path)


def test_a_folder_is_sent_screened_and_opened(looking: Looking, running: Running, folder: Path):
    page = looking.open("#/scans")
    choose(page, "Choose a folder", folder)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{TILES} files")
    expect(dialog.get_by_label("Name")).to_have_value("chip 12")
    dialog.get_by_label("Scale").fill("0,3844")
    dialog.get_by_role("button", name="Send").click()

    page.get_by_role("link", name="Open the scan").click()

    expect(page.locator("h1")).to_have_text("chip 12")
    expect(page.locator(".badge", has_text="done")).to_be_visible(timeout=_SCREENED_MS)
    scan = running.http.get(page.url.replace("#/", "v1/")).raise_for_status().json()
    assert scan["tiles"] == {"expected": TILES, "queued": 0, "screened": TILES, "failed": 0}
    assert scan["um_per_px"] == 0.3844


def test_a_zip_is_sent_as_it_is(looking: Looking, folder: Path):
    archive = folder.parent / "chip 13.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for image in sorted(folder.glob("*.png")):
            packed.write(image, image.name)
    page = looking.open("#/scans")
    choose(page, "Choose a zip", archive)
    page.get_by_role("dialog").get_by_role("button", name="Send").click()

    expect(page.get_by_role("link", name="Open the scan")).to_be_visible()
    expect(page.get_by_role("link", name="chip 13", exact=True)).to_be_visible()


def test_a_folder_of_the_server_is_refused_with_the_way_to_allow_it(looking: Looking):
    looking.expected.add(422)
    page = looking.open("#/scans")
    page.get_by_role("button", name="A folder on the server").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Folder").fill("/data/scans/chip 12")
    dialog.get_by_role("button", name="Bring in").click()

    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog).to_contain_text("--import-roots")


def test_the_live_view_shows_tiles_and_flakes_as_they_come(
    looking: Looking, running: Running, flake_png: bytes
):
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    page = looking.open(f"#/scans/{scan_id}/live")
    expect(page.get_by_text("Waits for the first tile")).to_be_visible()
    looking.listen()

    posted = running.post_tile(scan_id, flake_png, stage_x_um=1000, stage_y_um=2000)
    (flake,) = posted.json()["flakes"]

    page.get_by_role("button", name=f"Copy the stage position of flake {flake['id']}").click()
    x_um, y_um = flake["centre_um"]
    assert page.evaluate("navigator.clipboard.readText()") == f"{x_um:.1f}, {y_um:.1f}"
    expect(page.get_by_role("img", name="1 with graphene")).to_be_visible()


def test_flakes_hold_still_while_somebody_reads(
    looking: Looking, running: Running, screened_scan: int
):
    page = looking.open(f"#/scans/{screened_scan}/live")
    cards = page.locator(".live-flake")
    expect(cards).to_have_count(1)
    page.get_by_role("button", name="Hold still").click()
    looking.listen()

    other = png_of(draw_tile((40, 40, 60, 60)))
    assert running.post_tile(screened_scan, other, stage_x_um=5000, stage_y_um=0).is_success

    expect(page.get_by_text("1 more since")).to_be_visible()
    expect(cards).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(cards).to_have_count(2)


def test_the_oxide_is_put_right(looking: Looking, running: Running, screened_scan: int):
    page = looking.open(f"#/scans/{screened_scan}?tab=correct")
    page.get_by_label("Oxide in nm").fill("285")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    scan = running.http.get(f"/v1/scans/{screened_scan}").json()
    assert (scan["oxide_nm"], scan["um_per_px"]) == (285, 0.3844)


def test_scans_are_found_by_their_names_and_put_in_order(looking: Looking, running: Running):
    for name, material in (("needle 10", None), ("needle 9", "hBN")):
        body = {"name": name, "material": material}
        running.http.post("/v1/scans", json=body).raise_for_status()
    page = looking.open("#/scans")
    names = page.get_by_role("list", name="Scans").get_by_role("heading")
    page.get_by_label("Search scans").fill("NEEDLE")
    expect(names).to_have_text(["needle 9", "needle 10"])
    page.get_by_label("Order of the scans").select_option("oldest first")
    expect(names).to_have_text(["needle 10", "needle 9"])
    page.get_by_label("Search scans").fill("needle hbn")
    expect(names).to_have_text(["needle 9"])
    page.get_by_label("Search scans").fill("haystack")
    expect(page.get_by_text("No scan is called so.")).to_be_visible()


def test_tiles_are_turned_by_hand_and_flakes_move(
    looking: Looking, running: Running, screened_scan: int
):
    def centre_um() -> list[float]:
        return running.http.get(f"/v1/scans/{screened_scan}/flakes").json()["items"][0]["centre_um"]

    x_um, y_um = centre_um()
    page = looking.open(f"#/scans/{screened_scan}?tab=correct")
    button = page.get_by_role("button", name="Lay them so")
    expect(button).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Right on the image is left on the stage").check()
    looking.listen()
    button.click()

    expect(page.get_by_text("The map is drawn anew")).to_be_visible()
    expect(page.locator(".badge", has_text="done")).to_be_visible(timeout=_SCREENED_MS)
    # The tile stands at x = 1000 um: what was right of its middle is as far left of it.
    assert centre_um() == pytest.approx([2000 - x_um, y_um])


def test_deleting_says_what_goes(looking: Looking, running: Running, screened_scan: int):
    page = looking.open(f"#/scans/{screened_scan}")
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 tiles with their images")
    dialog.get_by_role("button", name="Delete for good").click()

    expect(page.locator("h1")).to_have_text("Scans")
    assert running.http.get(f"/v1/scans/{screened_scan}").status_code == 404


@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)
@pytest.mark.parametrize("part", ["", "?tab=tiles", "?tab=correct", "?tab=exports", "/live"])
def test_axe_finds_nothing_serious_on_a_scan(looking: Looking, screened_scan: int, part: str):
    page = looking.open(f"#/scans/{screened_scan}{part}")
    expect(page.locator("main h1").first).to_have_text("chip")

    assert looking.serious_findings() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_of_a_scan_is_cut_off_at_the_side(looking: Looking, screened_scan: int, width: int):
    looking.page.set_viewport_size({"width": width, "height": 768})
    for place in ("#/scans", f"#/scans/{screened_scan}", f"#/scans/{screened_scan}/live"):
        page = looking.open(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_positions_and_scale_are_given_by_the_page(
    looking: Looking, running: Running, flake_png: bytes, tmp_path: Path
):
    scan_id = running.open_scan()
    assert running.post_tile(scan_id, flake_png, name="a.png").is_success
    listed = tmp_path / "positions.csv"
    listed.write_text("name,stage_x_um,stage_y_um\na.png,1000,2000\n", encoding="utf-8")
    page = looking.open(f"#/scans/{scan_id}")
    expect(page.get_by_text("Its scale is unknown")).to_be_visible()
    page.get_by_role("tab", name="Put right").click()
    card = page.locator("form", has_text="Positions and scale")
    card.get_by_label("List of positions").set_input_files(listed)
    card.get_by_label("Scale in µm per px").fill("0.5")
    card.get_by_role("button", name="Place the tiles").click()

    expect(card.get_by_role("status")).to_contain_text("1 of 1 tiles have their position")
    expect(page.locator(".badge", has_text="done")).to_be_visible(timeout=_SCREENED_MS)
    (flake,) = running.http.get(f"/v1/scans/{scan_id}/flakes").json()["items"]
    assert flake["centre_um"] is not None
    assert flake["area_um2"] == pytest.approx(flake["area_px"] * 0.25)


def test_a_download_that_is_refused_says_why(looking: Looking, running: Running, flake_png: bytes):
    looking.expected.update({409, 422})
    scan_id = running.open_scan()
    assert running.post_tile(scan_id, flake_png, name="a.png").is_success
    page = looking.open(f"#/scans/{scan_id}/map")
    page.get_by_role("button", name="Download").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("scale is unknown")).to_be_visible()
    downloads: list[str] = []
    page.on("download", lambda download: downloads.append(download.url))
    dialog.get_by_role("link", name="Micro-Manager").click()

    expect(page.locator(".toast.is-bad")).to_contain_text("position")
    assert downloads == []
    # Without a scale the list says pixels, and orders by them.
    expect(page.locator(".map-list li").first).to_contain_text("px")


def test_an_oxide_that_the_flakes_contradict_is_put_right_by_one_click(
    looking: Looking, running: Running
):
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=285)
    many_px = [(15 + 64 * col, 15 + 72 * row, 40, 40) for row in range(4) for col in range(6)]
    tile = png_of(draw_tile(*many_px))
    assert running.post_tile(scan_id, tile, stage_x_um=0, stage_y_um=0).is_success
    optics = running.http.get(f"/v1/scans/{scan_id}/optics").json()["oxide"]
    if not optics["confident"]:
        pytest.skip("the drawn flakes do not tell their oxide")
    page = looking.open(f"#/scans/{scan_id}")
    page.get_by_role("button", name=f"Say {round(optics['oxide_nm'])} nm").click()

    expect(page.get_by_text("Its oxide is said to be")).to_have_count(0)
    scan = running.http.get(f"/v1/scans/{scan_id}").json()
    assert scan["oxide_nm"] == round(optics["oxide_nm"])
