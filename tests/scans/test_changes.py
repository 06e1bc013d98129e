"""Two model versions look at the same drawn chip."""

from dataclasses import replace

import pytest

from service.db.queries.flakes import FlakeFilter
from service.db.tables import Event
from service.errors import InvalidValue, NotFound
from service.flakes.flakes import list_flakes
from service.registry.versions import NewModelVersion, register_model
from service.reviews.changes import list_changes
from service.scans.scans import create_scan
from service.scans.tiles import Stores, add_tile
from service.screening.pipeline import Detection, Screening
from service.screening.screen import Screened, ScreenJob
from tests.scans.chip import MODEL, draw

CHIP = draw(
    (1, "box", (50, 50, 10, 10)),
    (2, "box", (120, 50, 20, 10)),
    (3, "box", (200, 50, 10, 10)),
    (8, "box", (200, 150, 10, 10)),
)
# What the later version says of each object by its number; 8 it does not see at all.
LATER = {1: 0.1, 2: 0.9, 3: 0.95}


def later_screen(job: ScreenJob) -> Screened:
    earlier = CHIP.screen(job)
    detections = [
        Detection(one.candidate, one.measurement, p, p >= 0.5, one.layers)
        for one in earlier.screening.detections
        if (p := LATER.get(round(-100 * one.measurement.contrast_rgb[0]))) is not None
    ]
    screening = Screening(detections, earlier.screening.light, "chip-2", 0.5)
    return replace(earlier, screening=screening)


@pytest.fixture
def scan_id(stores: Stores) -> int:
    later = NewModelVersion(version="chip-2", sha256="1" * 64, input_size_px=64, threshold=0.5)
    register_model(stores.sessions, later)
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    return scan_id


def screen_again(stores: Stores, scan_id: int, screen, word: str) -> None:
    add_tile(stores, scan_id, CHIP.tile(0, 0, word=word), screen=screen, replace=True)


def test_changes_are_told_flake_by_flake_in_both_directions(stores, scan_id):
    page = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id))
    ids = {round(-100 * flake.contrast_rgb[0]): flake.id for flake in page.items}
    assert list_changes(stores.sessions, scan_id, MODEL, "chip-2").items == []

    screen_again(stores, scan_id, later_screen, "again")
    changes = list_changes(stores.sessions, scan_id, MODEL, "chip-2")

    assert {(one.kind, one.flake_id, one.p_before, one.p_after) for one in changes.items} == {
        ("no_longer_graphene", ids[1], 0.51, 0.1),
        ("became_graphene", ids[2], 0.02, 0.9),
        ("p_changed", ids[3], 0.53, 0.95),
    }
    assert changes.counts == {"became_graphene": 1, "no_longer_graphene": 1, "p_changed": 1}
    back = list_changes(stores.sessions, scan_id, "chip-2", MODEL)
    assert back.counts == {"became_graphene": 1, "no_longer_graphene": 1, "p_changed": 1}

    first = list_changes(stores.sessions, scan_id, MODEL, "chip-2", limit=2)
    rest = list_changes(
        stores.sessions, scan_id, MODEL, "chip-2", limit=2, cursor=first.next_cursor
    )
    assert first.items + rest.items == changes.items
    assert rest.next_cursor is None


def test_screened_with_the_first_version_again_nothing_has_changed_about_it(stores, scan_id):
    screen_again(stores, scan_id, later_screen, "again")
    screen_again(stores, scan_id, CHIP.screen, "and again")

    changes = list_changes(stores.sessions, scan_id, "chip-2", MODEL)

    assert changes.counts["became_graphene"] == 1
    assert changes.counts["no_longer_graphene"] == 1


def test_wrong_questions_are_refused(stores, scan_id):
    with pytest.raises(NotFound, match="nobody"):
        list_changes(stores.sessions, scan_id, MODEL, "nobody")
    with pytest.raises(NotFound, match="scan 99"):
        list_changes(stores.sessions, 99, MODEL, "chip-2")
    with pytest.raises(InvalidValue, match="both"):
        list_changes(stores.sessions, scan_id, MODEL, MODEL)


def test_a_screened_tile_is_one_event_that_names_its_flakes(stores, scan_id):
    with stores.sessions() as session:
        events = session.query(Event).order_by(Event.id).all()

    assert [one.kind for one in events] == ["model_promoted", "scan_state", "tile_screened"]
    told = events[-1].body
    assert (told["graphene"], told["other"]) == (2, 2)
    assert [flake["p_graphene"] for flake in told["flakes"]] == [0.53, 0.51]
    assert all(flake["id"] for flake in told["flakes"])


def test_what_is_rolled_back_is_not_told(stores, scan_id):
    with stores.sessions() as session:
        before = session.query(Event).count()

    unknown = replace(CHIP, model="unregistered")
    with pytest.raises(Exception, match="not registered"):
        screen_again(stores, scan_id, unknown.screen, "again")

    with stores.sessions() as session:
        assert session.query(Event).count() == before
