"""What every page has in common: it opens, can be walked by keyboard, and is read aloud."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import SCHEMES, Looking


def test_the_navigation_leads_to_every_part(looking: Looking):
    page = looking.open()
    expect(page.locator("h1")).to_have_text("Scans")

    for name in ("Review", "Models", "Settings", "Scans"):
        main = page.get_by_role("navigation", name="Main")
        main.get_by_role("link", name=name).click()
        expect(page).to_have_title(f"{name} - Flakescope")
        expect(page.locator("main h1").first).to_have_text(name)
        expect(main.locator("[aria-current=page]")).to_have_text(name)


@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)
@pytest.mark.parametrize("place", ["#/scans", "#/settings", "#/signin", "#/nowhere"])
def test_axe_finds_nothing_serious(looking: Looking, place: str):
    looking.open(place)

    assert looking.serious_findings() == []


def test_the_first_tab_leads_past_the_navigation(looking: Looking):
    page = looking.open()

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_colours_are_remembered(looking: Looking):
    page = looking.open()

    page.get_by_label("Colours").select_option("dark")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Colours")).to_have_value("dark")


def test_an_answer_that_is_a_problem_is_shown_in_words(looking: Looking):
    looking.expected.add(404)
    page = looking.page
    page.goto(f"{looking.address}/#/scans/999/live")

    expect(page.get_by_role("alert")).to_contain_text("999")


@pytest.mark.parametrize("width", [1024, 1440])
def test_nothing_is_cut_off_at_the_side(looking: Looking, width: int):
    looking.page.set_viewport_size({"width": width, "height": 768})
    page = looking.open("#/settings")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
