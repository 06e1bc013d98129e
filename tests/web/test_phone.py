"""A phone held over the microscope: nothing lies beside the screen, and flakes can be judged."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.serving import Running
from tests.web.browser import Looking

WIDTH_PX, HEIGHT_PX = 390, 844
# A thumb hits what is this high (WCAG 2.5.8 asks for 24).
LEAST_ROW_PX = 24

WHOLE = (
    ["#/scans", "#/review", "#/models", "#/trainings", "#/trainings?tab=datasets"]
    + [f"#/settings{tab}" for tab in ("", "?tab=substrates", "?tab=tokens", "?tab=audit")]
    + ["#/signin", "#/nowhere"]
)
OF_SCAN = ("", "?tab=tiles", "?tab=correct", "?tab=exports", "?tab=changes", "/map", "/live")
OF_FLAKE = ("review", "review?view=single", "review?from=flakes", "map?flake=")


@pytest.fixture
def phone(browser: Browser, looking: Looking) -> Iterator[Looking]:
    context = browser.new_context(
        viewport={"width": WIDTH_PX, "height": HEIGHT_PX},
        device_scale_factor=2,
        has_touch=True,
        reduced_motion="reduce",
    )
    visitor = Looking(context.new_page(), looking.address)
    visitor.watch()
    yield visitor
    context.close()
    assert visitor.faults == []


def width_of(phone: Looking, place: str) -> int:
    page = phone.open(place)
    expect(page.get_by_text("Loading\u2026")).to_have_count(0)
    return page.evaluate("document.documentElement.scrollWidth")


def test_no_page_is_wider_than_a_phone(phone: Looking, screened_scan: int):
    of_scan = [f"#/scans/{screened_scan}{part}" for part in OF_SCAN]
    of_flake = [f"#/scans/{screened_scan}/{part}" for part in OF_FLAKE]
    widths = {place: width_of(phone, place) for place in (*WHOLE, *of_scan, *of_flake)}

    assert {place: width for place, width in widths.items() if width > WIDTH_PX} == {}


def test_a_flake_is_judged_by_a_thumb(phone: Looking, running: Running, screened_scan: int):
    page = phone.open(f"#/scans/{screened_scan}/review?view=single")
    expect(page.get_by_role("img", name="in contrast")).to_be_visible()
    verdict = page.get_by_role("region", name="Verdict")
    for name in ("Graphene", "Not graphene", "Unsure", "1 layer", "4 layers", "Undo"):
        box = verdict.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH_PX
        assert box["height"] >= 36
    with page.expect_response("**/review"):
        verdict.get_by_role("button", name="2 layers").tap()

    (flake,) = running.http.get(f"/v1/scans/{screened_scan}/flakes").json()["items"]
    assert (flake["review"]["label"], flake["review"]["layers"]) == ("graphene", 2)


def test_the_map_leaves_room_for_itself_and_its_rows_can_be_hit(
    phone: Looking, looking: Looking, screened_scan: int
):
    for page in (phone.page, looking.page):
        page.goto(f"{looking.address}/#/scans/{screened_scan}/map")
        row = page.locator(".map-list li button").first
        box = row.bounding_box()
        assert box is not None
        assert box["height"] >= LEAST_ROW_PX
    seen = phone.page.get_by_role("region", name="Chip map").bounding_box()
    assert seen is not None
    assert seen["height"] >= HEIGHT_PX / 2
    phone.page.locator(".map-list li button").first.tap()
    expect(phone.page.get_by_role("heading", name="Flake")).to_be_visible()
