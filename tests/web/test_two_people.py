"""Two people, or one with many tabs, at the same service: what one says the other sees."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.serving import Running
from tests.web.browser import Looking

# A browser opens six connections to a service over HTTP/1.1.
TABS = 8


@pytest.fixture
def colleague(browser: Browser, looking: Looking) -> Iterator[Looking]:
    """Another visitor, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    visitor = Looking(context.new_page(), looking.address)
    visitor.watch()
    yield visitor
    context.close()
    assert visitor.faults == []


@pytest.fixture
def flake_id(running: Running, screened_scan: int) -> int:
    flakes = running.http.get(f"/v1/scans/{screened_scan}/flakes").raise_for_status().json()
    return flakes["items"][0]["id"]


def judge(running: Running, flake_id: int, label: str) -> None:
    address = f"/v1/flakes/{flake_id}/review"
    running.http.put(address, json={"label": label}).raise_for_status()


def review(visitor: Looking, scan_id: int, flake_id: int) -> Page:
    page = visitor.open(f"#/scans/{scan_id}/review?view=single&flake={flake_id}")
    expect(page.get_by_role("heading", name=f"Flake {flake_id}")).to_be_visible()
    return visitor.listen()


def test_a_verdict_is_seen_by_the_other_in_review_and_on_the_map(
    looking: Looking, colleague: Looking, screened_scan: int, flake_id: int
):
    mine = review(looking, screened_scan, flake_id)
    theirs = review(colleague, screened_scan, flake_id)
    mine.keyboard.press("2")
    figures = theirs.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("graphene2 layers")

    looking.open(f"#/scans/{screened_scan}/map?flake={flake_id}")
    not_graphene = mine.get_by_role("button", name="Not graphene")
    expect(not_graphene).to_have_attribute("aria-pressed", "false")
    looking.listen()
    theirs.keyboard.press("b")
    theirs.get_by_role("button", name="Say not graphene").click()
    expect(not_graphene).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("part", ["review?view=single&", "map?"])
def test_the_opposite_of_what_a_colleague_said_is_asked_about(
    looking: Looking, running: Running, screened_scan: int, flake_id: int, part: str
):
    judge(running, flake_id, "graphene")
    page = looking.open(f"#/scans/{screened_scan}/{part}flake={flake_id}")
    expect(page.get_by_role("heading", name=f"Flake {flake_id}")).to_be_visible()

    def label() -> str:
        return running.http.get(f"/v1/flakes/{flake_id}").json()["review"]["label"]

    page.keyboard.press("b")
    question = page.get_by_role("dialog", name="Somebody sees it differently")
    expect(question).to_contain_text("said graphene")
    question.get_by_role("button", name="Leave theirs").click()
    expect(question).to_be_hidden()
    assert label() == "graphene"

    page.keyboard.press("b")
    with page.expect_response(f"**/v1/flakes/{flake_id}/review"):
        question.get_by_role("button", name="Say not graphene").click()
    assert label() == "not_graphene"


def test_as_many_tabs_as_one_likes_load_and_hear_what_happens(
    looking: Looking, running: Running, screened_scan: int, flake_id: int
):
    place = f"{looking.address}/#/scans/{screened_scan}/review?view=single&flake={flake_id}"
    context = looking.page.context
    tabs = [looking.page, *(context.new_page() for _ in range(TABS - 1))]
    for tab in tabs:
        tab.goto(place)
        expect(tab.get_by_role("heading", name=f"Flake {flake_id}")).to_be_visible()
        expect(tab.locator("html")).to_have_attribute("data-events", "open")

    judge(running, flake_id, "unsure")

    for tab in tabs:
        expect(tab.get_by_role("region", name="Figures")).to_contain_text("unsure")
    # The others go on hearing when one is closed.
    tabs.pop().close()
    judge(running, flake_id, "graphene")
    for tab in tabs:
        expect(tab.get_by_role("region", name="Figures")).to_contain_text("graphene")
