"""Flakes are judged in the browser: by keys, many at once, and taken back."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.drawn import draw_tile, png_of
from tests.api.serving import Running
from tests.web.browser import SCHEMES, WIDTHS, Looking

# More than may be judged at once without a question.
FLAKES_PX = [(15 + 64 * col, 15 + 72 * row, 40, 40) for row in range(4) for col in range(6)]

# The middle of the map, as its address has it.
IS_THERE = """([x, y]) => {
  const query = new URLSearchParams(location.hash.split("?")[1]);
  return Math.abs(query.get("x") - x) < 1 && Math.abs(query.get("y") - y) < 1;
}"""

TEN_KEYS = "gbu1234gbu"
TEN_LABELS = {"graphene": 6, "not_graphene": 2, "unsure": 2}


@dataclass(frozen=True)
class Chip:
    """A screened scan with 24 flakes, and what the service knows of its reviews."""

    running: Running
    scan_id: int

    @property
    def place(self) -> str:
        return f"#/scans/{self.scan_id}/review"

    def flakes(self, **query: Any) -> list[dict[str, Any]]:
        address = f"/v1/scans/{self.scan_id}/flakes"
        return self.running.http.get(address, params=query).raise_for_status().json()["items"]

    def reviews(self) -> list[dict[str, Any]]:
        return [flake["review"] for flake in self.flakes(reviewed=True)]


@pytest.fixture
def chip(running: Running) -> Chip:
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    tile = png_of(draw_tile(*FLAKES_PX))
    posted = running.post_tile(scan_id, tile, name="edge.png", stage_x_um=1000, stage_y_um=2000)
    assert posted.status_code == 201, posted.text
    assert len(posted.json()["flakes"]) == len(FLAKES_PX)
    return Chip(running, scan_id)


def opened(looking: Looking, place: str) -> Page:
    page = looking.open(place)
    expect(cards(page).first).to_be_visible()
    return page


def cards(page: Page, name: str | None = None) -> Locator:
    return page.get_by_role("listbox", name="Flakes").get_by_role("option", name=name)


def last_said(page: Page) -> Locator:
    return page.get_by_role("region", name="Verdict")


def test_ten_flakes_are_judged_by_ten_keys(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)

    for key in TEN_KEYS:
        page.keyboard.press(key)

    expect(last_said(page)).to_contain_text("10 of 24 reviewed in this session")
    labels = [review["label"] for review in chip.reviews()]
    assert {label: labels.count(label) for label in labels} == TEN_LABELS
    assert sorted(r["layers"] for r in chip.reviews() if r["layers"]) == [1, 2, 3, 4]


def test_z_takes_the_last_verdict_back_and_goes_to_its_flake(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)
    first = cards(page).first

    page.keyboard.press("2")
    expect(cards(page, "graphene, 2 layers")).to_have_count(1)
    page.keyboard.press("z")

    expect(last_said(page)).to_contain_text("Undone: flake")
    expect(first).to_be_focused()
    assert chip.reviews() == []


def test_a_verdict_said_again_keeps_the_first_one(looking: Looking, chip: Chip):
    flake_id = chip.flakes()[0]["id"]
    said = chip.running.http.put(f"/v1/flakes/{flake_id}/review", json={"label": "graphene"})
    said.raise_for_status()
    page = looking.open(f"{chip.place}?from=flakes&view=single&flake={flake_id}")
    expect(page.get_by_role("heading", name=f"Flake {flake_id}")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("z")

    expect(last_said(page)).to_contain_text("Nothing to undo")
    assert [review["label"] for review in chip.reviews()] == ["graphene"]


def test_enter_opens_a_flake_and_escape_goes_back_to_it(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for look in ("in colour", "in contrast"):
        picture = page.get_by_role("img", name=look)
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 100
    expect(page.get_by_text("By its colour: 1 layer")).to_be_visible()
    expect(page.get_by_text("Oxide 90.0")).to_contain_text("given with the scan")
    expect(page.get_by_role("img", name="Expected of 1 layer")).to_be_visible()
    expect(page.get_by_text("edge.png")).to_be_visible()
    heading = page.get_by_role("heading", name="Flake")
    name = (heading.text_content() or "").split()[1]
    page.keyboard.press("Escape")

    expect(page.locator(f'[data-flake="{name}"]')).to_be_focused()


def test_a_link_inside_review_leads_to_its_flake_and_a_key_judges_that_one(
    looking: Looking, chip: Chip
):
    shown, named = (flake["id"] for flake in chip.flakes()[:2])
    # The queue does not hold what somebody has reviewed.
    said = chip.running.http.put(f"/v1/flakes/{named}/review", json={"label": "unsure"})
    said.raise_for_status()
    page = looking.open(f"{chip.place}?view=single&flake={shown}")
    expect(page.get_by_role("heading", name=f"Flake {shown}")).to_be_visible()

    page.evaluate("hash => { location.hash = hash }", f"{chip.place}?view=single&flake={named}")
    expect(page.get_by_role("heading", name=f"Flake {named}")).to_be_visible()
    with page.expect_response(f"**/v1/flakes/{named}/review"):
        page.keyboard.press("b")

    expect(last_said(page)).to_contain_text(f"Flake {named}: not graphene")
    assert [(f["id"], f["review"]["label"]) for f in chip.flakes(reviewed=True)] == [
        (named, "not_graphene")
    ]


def test_on_the_map_leads_to_the_flake_and_open_in_review_back_to_it(looking: Looking, chip: Chip):
    flake = chip.flakes()[-1]
    # Where things move, to go somewhere takes a while in which it can be interrupted.
    looking.page.emulate_media(reduced_motion="no-preference")
    page = looking.open(f"{chip.place}?view=single&flake={flake['id']}")

    page.get_by_role("link", name="On the map").click()
    page.wait_for_function(IS_THERE, arg=flake["centre_um"])
    page.get_by_role("link", name="Open in review").click()

    expect(page.get_by_role("heading", name=f"Flake {flake['id']}")).to_be_visible()
    expect(page.get_by_role("img", name="in contrast")).to_be_visible()


def test_an_address_with_another_flake_moves_the_map_there(looking: Looking, chip: Chip):
    one, other = chip.flakes()[:2]
    place = f"#/scans/{chip.scan_id}/map?flake="
    page = looking.open(f"{place}{one['id']}")
    page.wait_for_function(IS_THERE, arg=one["centre_um"])

    page.evaluate("hash => { location.hash = hash }", f"{place}{other['id']}")

    page.wait_for_function(IS_THERE, arg=other["centre_um"])


def test_keys_are_letters_while_a_note_is_typed(looking: Looking, chip: Chip):
    page = looking.open(f"{chip.place}?view=single")

    page.get_by_role("textbox", name="Note").press_sequentially("big")
    assert chip.reviews() == []
    page.keyboard.press("Escape")
    page.keyboard.press("1")

    expect(last_said(page)).to_contain_text("1 of 24 reviewed")
    assert [review["note"] for review in chip.reviews()] == ["big"]


def test_the_history_says_who_and_what_was_undone(looking: Looking, chip: Chip):
    page = looking.open(f"{chip.place}?view=single")
    history = page.get_by_role("region", name="Reviews of this flake")
    expect(history).to_contain_text("Nobody has said anything yet.")

    page.keyboard.press("u")
    page.keyboard.press("z")

    expect(history).to_contain_text("undone by local")


def test_what_the_service_refuses_is_not_shown_as_said(looking: Looking, chip: Chip):
    looking.expected.add(503)
    page = opened(looking, chip.place)
    problem = '{"title": "Full", "detail": "The disk is full.", "status": 503}'
    page.route("**/review", lambda route: route.fulfill(status=503, body=problem))

    page.keyboard.press("g")

    expect(page.get_by_text("The disk is full.")).to_be_visible()
    expect(last_said(page)).to_contain_text("Not saved")
    expect(last_said(page)).to_contain_text("0 of 24 reviewed")
    expect(cards(page, "not reviewed")).to_have_count(len(FLAKES_PX))


def test_many_are_judged_after_a_question_and_taken_back_together(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)

    page.keyboard.press("a")
    page.keyboard.press("b")
    question = page.get_by_role("dialog", name="24 flakes: not graphene?")
    question.get_by_role("button", name="Yes, 24").click()
    expect(last_said(page)).to_contain_text("24 of 24 reviewed")
    assert len(chip.reviews()) == len(FLAKES_PX)

    page.keyboard.press("z")
    expect(last_said(page)).to_contain_text("Undone: 24 flakes.")
    assert chip.reviews() == []


def test_few_are_judged_without_a_question(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)

    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    cards(page).nth(4).click(modifiers=["Control"])
    expect(last_said(page)).to_contain_text("3 selected")
    page.keyboard.press("g")

    expect(last_said(page)).to_contain_text("3 flakes: graphene.")
    expect(last_said(page)).to_contain_text("3 of 24 reviewed")


def test_another_persons_later_word_is_not_undone(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)
    page.keyboard.press("g")
    expect(last_said(page)).to_contain_text("1 of 24 reviewed")
    flake_id = chip.flakes(reviewed=True)[0]["id"]
    later = {"label": "not_graphene", "note": "tape"}
    chip.running.http.put(f"/v1/flakes/{flake_id}/review", json=later).raise_for_status()

    page.keyboard.press("z")

    expect(last_said(page)).to_contain_text("was reviewed again since and stayed")
    assert [review["note"] for review in chip.reviews()] == ["tape"]


def test_a_link_restores_filters_and_flake(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)
    page.get_by_label("Which flakes").select_option("flakes")
    page.get_by_label("Order").select_option("smallest first")
    page.keyboard.press("Tab")
    expect(cards(page)).to_have_count(len(FLAKES_PX))
    cards(page).nth(3).dblclick()
    heading = page.get_by_role("heading", name="Flake")
    expect(heading).to_contain_text("4 of 24")
    name = heading.text_content() or ""

    page.reload()

    expect(heading).to_have_text(name)
    expect(page.get_by_label("Order")).to_have_value("area_um2")


def test_filters_that_leave_nothing_can_be_cleared(looking: Looking, chip: Chip):
    page = looking.open(f"{chip.place}?from=flakes&min_area_um2=100000")

    expect(page.get_by_role("heading", name="No flake matches")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()

    expect(cards(page)).to_have_count(len(FLAKES_PX))


def test_a_reviewed_scan_has_nothing_that_waits(looking: Looking, chip: Chip):
    ids = [flake["id"] for flake in chip.flakes()]
    body = {"flake_ids": ids, "label": "graphene"}
    chip.running.http.post("/v1/reviews", json=body).raise_for_status()

    page = looking.open(chip.place)

    expect(page.get_by_role("heading", name="Nothing waits for a review")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)
@pytest.mark.parametrize("query", ["", "?from=flakes", "?view=single"])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(looking: Looking, chip: Chip, query: str):
    for width in WIDTHS:
        looking.page.set_viewport_size({"width": width, "height": 800})
        page = looking.open(chip.place + query)
        expect(page.get_by_role("region", name="Verdict")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    assert looking.serious_findings() == []


def test_the_keys_are_listed_and_can_be_turned_off(looking: Looking, chip: Chip):
    page = opened(looking, chip.place)

    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")

    expect(last_said(page)).to_contain_text("0 of 24 reviewed")
    assert chip.reviews() == []
