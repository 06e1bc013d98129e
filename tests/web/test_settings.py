"""Settings and sign-in, as an administrator and an operator use them."""

from pathlib import Path

from playwright.sync_api import expect

from tests.api.serving import Running
from tests.web.browser import Looking

REFERENCES = '{"1": {"contrast": {"r": -0.137, "g": -0.14, "b": -0.071}}}'


def test_a_substrate_comes_from_a_file_and_goes(looking: Looking, tmp_path: Path):
    file = tmp_path / "graphene.json"
    file.write_text(REFERENCES)
    page = looking.open("#/settings?tab=substrates")

    page.get_by_role("button", name="Add a substrate").click()
    page.get_by_label("Name").fill("90 nm, 20x")
    page.get_by_label("Oxide in nm").fill("90")
    page.get_by_label("Contrasts").set_input_files(file)
    expect(page.get_by_text("Layers in this file: 1")).to_be_visible()
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row", name="90 nm, 20x")
    expect(row).to_contain_text("90 nm")

    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_text("No substrate yet")).to_be_visible()


def test_the_state_of_the_system_is_told(looking: Looking):
    page = looking.open("#/settings")

    expect(page.get_by_text("CPUExecutionProvider")).to_be_visible()
    expect(page.get_by_text("sqlite")).to_be_visible()
    assert looking.serious_findings() == []


def test_the_first_token_shuts_the_door_and_lets_its_maker_stay(looking: Looking, running: Running):
    looking.expected.add(401)
    page = looking.open("#/settings?tab=tokens")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Role").select_option("admin")
    page.get_by_role("button", name="Make", exact=True).click()
    token = page.get_by_label("Token of anna").input_value()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("row", name="anna")).to_contain_text("admin")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Access token", exact=True).fill(token + "x")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Access token", exact=True).fill(token)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_title("Scans - Flakescope")
    assert running.http.get("/v1/session").status_code == 401
