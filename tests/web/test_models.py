"""Models, trainings and data sets, as people use them in the browser."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from service.training.progress import begin_training, fail_training, note_epoch
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running
from tests.inference.tiny_model import write_tiny_model
from tests.web.browser import SCHEMES, Looking

EPOCH = {
    "number": 1,
    "epochs": 4,
    "training_loss": 0.412,
    "validation_loss": 0.377,
    "f1": 0.81,
    "took_s": 10.0,
    "left_s": 30.0,
}


@pytest.fixture(scope="module")
def other_model(running: Running, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A version that refuses everything: as bad as the active one, in the other direction."""
    path = tmp_path_factory.mktemp("other") / "none.onnx"
    write_tiny_model(path, weight=0, bias=-4, version="tiny-none")
    uploaded = running.http.post(
        "/v1/models",
        files={"model": ("none.onnx", path.read_bytes())},
        data={"metrics": '{"parity_difference": 0}'},
    )
    assert uploaded.status_code == 201, uploaded.text
    return "tiny-none"


@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)
def test_two_versions_are_compared_on_the_same_crops(looking: Looking, other_model: str):
    page = looking.open("#/models")
    page.get_by_label("Compare tiny-1").check()
    page.get_by_label(f"Compare {other_model}").check()

    row = page.get_by_role("row", name=re.compile("^Recall"))
    expect(row).to_contain_text("1.000")
    expect(row).to_contain_text("best")
    expect(page.get_by_role("img", name=re.compile("^ROC of tiny-1"))).to_be_visible()
    expect(page).to_have_url(re.compile("compare=tiny-1"))
    assert looking.serious_findings() == []


def test_an_upload_without_parity_is_refused_by_the_gate_unless_forced(
    looking: Looking, tmp_path: Path
):
    looking.expected.add(409)
    file = write_tiny_model(tmp_path / "new.onnx", weight=0, bias=3, version="tiny-new")
    page = looking.open("#/models")
    page.get_by_role("button", name="Upload a network").click()
    page.get_by_label("Network", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()

    page.get_by_role("button", name="Promote tiny-new").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Ask the gate and promote").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Parity is not proved")
    dialog.get_by_text("Promote it all the same").click()
    force = dialog.get_by_role("button", name="Promote against the gate")
    expect(force).to_have_attribute("aria-disabled", "true")
    dialog.get_by_label("Type tiny-new to go on").fill("tiny-new")
    force.click()
    expect(dialog.get_by_role("status")).to_contain_text("tiny-new screens new tiles now")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row", name=re.compile("tiny-new"))).to_contain_text("forced")

    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Go back to tiny-1").click()
    expect(page.get_by_role("row", name=re.compile("^tiny-1 "))).to_contain_text("active")


def test_a_version_shows_its_misses_and_where_it_is_from(looking: Looking, other_model: str):
    page = looking.open(f"#/models/{other_model}")
    expect(page.get_by_role("cell", name=re.compile("234 missed"))).to_be_visible()

    page.get_by_role("tab", name="Misses").click()
    expect(page.get_by_role("img", name="Mistake 1: graphene, missed")).to_be_visible()
    page.get_by_role("button", name="Contrast").click()
    page.get_by_role("tab", name="Origin and gate").click()
    expect(page.get_by_text("uploaded")).to_be_visible()

    assert looking.serious_findings() == []


def test_a_training_is_started_watched_and_cancelled(looking: Looking, running: Running):
    page = looking.open("#/trainings")
    page.get_by_role("button", name="Start a training").click()
    page.get_by_label("Epochs").fill("0")
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_attribute(
        "aria-disabled", "true"
    )
    page.get_by_label("Epochs").fill("4")
    assert looking.serious_findings() == []
    page.get_by_role("button", name="Start", exact=True).click()

    expect(page.get_by_text("No trainer runs")).to_be_visible()
    looking.listen()
    training_id = running.http.get("/v1/trainings").json()["items"][0]["id"]
    begin_training(running.parts.stores.sessions, training_id)
    assert note_epoch(running.parts.stores.sessions, training_id, EPOCH)
    expect(page.get_by_text("1 of 4", exact=True)).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("cell", name="0.377")).to_be_visible()
    assert looking.serious_findings() == []

    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the training").click()
    expect(page.get_by_text("It was cancelled")).to_be_visible()
    assert running.http.get(f"/v1/trainings/{training_id}").json()["state"] == "cancelled"


def test_a_failed_training_says_why(looking: Looking, running: Running):
    asked = running.http.post("/v1/trainings", json={"epochs": 2}).raise_for_status()
    training_id = asked.json()["id"]
    begin_training(running.parts.stores.sessions, training_id)
    fail_training(running.parts.stores.sessions, training_id, "No flake is called graphene.")

    page = looking.open(f"#/trainings/{training_id}")

    expect(page.get_by_text("No flake is called graphene.")).to_be_visible()


def test_a_data_set_comes_and_goes(looking: Looking, tmp_path: Path):
    picture = png_of(draw_tile(FLAKE_PX))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("graphene/chip/a.png", picture)
        archive.writestr("non_graphene/chip/b.png", picture[::-1])
    file = tmp_path / "chips.zip"
    file.write_bytes(packed.getvalue())
    page = looking.open("#/trainings?tab=datasets")
    page.get_by_role("button", name="Bring in a data set").click()
    page.get_by_label("Zip").set_input_files(file)
    page.get_by_role("button", name="Bring in", exact=True).click()
    row = page.get_by_role("row", name=re.compile("chips"))
    expect(row).to_contain_text("folders by class")
    assert looking.serious_findings() == []

    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No data set yet")).to_be_visible()


def test_an_operator_reads_why_a_button_is_grey(looking: Looking, running: Running):
    made = running.http.post("/v1/tokens", json={"name": "boss", "role": "admin"})
    boss = {"authorization": f"Bearer {made.raise_for_status().json()['token']}"}
    made = running.http.post("/v1/tokens", json={"name": "olga", "role": "operator"}, headers=boss)
    token = made.raise_for_status().json()["token"]
    looking.page.context.set_extra_http_headers({"authorization": f"Bearer {token}"})

    page = looking.open("#/trainings")

    start = page.get_by_role("button", name="Start a training")
    expect(start).to_have_attribute("title", re.compile("needs an administrator"))
