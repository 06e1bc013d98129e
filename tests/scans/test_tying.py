"""A scan without coordinates is tied to the stage by a list of positions."""

from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from service.db.engine import writing
from service.db.queries.flakes import FlakeFilter
from service.db.queries.scans import lock_scan
from service.db.tables import Tile
from service.errors import Conflict, InvalidValue, NotFound
from service.flakes.flakes import list_flakes
from service.formats.readers.position_list import ListedPosition, PositionList
from service.placement.correcting import redraw_map
from service.placement.tying import Tie, tie
from service.scans.queue import Run
from service.scans.runs import finish
from service.scans.scans import create_scan, get_scan
from service.scans.tiles import add_tile
from tests.scans.chip import UM_PER_PX, draw

# The third object lies on all four tiles' borders, so that four detections show it.
CHIP = draw(
    (1, "box", (60, 60, 20, 15)),
    (2, "ellipse", (700, 120, 40, 25)),
    (3, "box", (370, 270, 60, 55)),
    (4, "ellipse", (620, 470, 30, 50)),
)
CORNERS = {"a.png": (0, 0), "b.png": (340, 0), "c.png": (0, 240), "d.png": (340, 240)}


@dataclass
class Asked:
    """A queue that remembers which runs were asked for."""

    runs: list[Run] = field(default_factory=list)

    def add_run(self, _session, run: Run) -> None:
        self.runs.append(run)


@pytest.fixture
def queue() -> Asked:
    return Asked()


def known_tile(name: str):
    return replace(CHIP.tile(*CORNERS[name]), name=name)


def bring(stores, *, placed: bool, um_per_px: float | None = UM_PER_PX) -> int:
    new = CHIP.new_scan().model_copy(update={"um_per_px": um_per_px})
    scan_id = create_scan(stores.sessions, new).id
    for name in CORNERS:
        tile = known_tile(name)
        if not placed:
            nowhere = {"row": None, "col": None, "stage_x_um": None, "stage_y_um": None}
            tile = replace(tile, **nowhere)
        add_tile(stores, scan_id, tile, screen=CHIP.screen)
    return scan_id


def listed(*, names=tuple(CORNERS), labels=None, shift_um=0.0) -> PositionList:
    tiles = [known_tile(name) for name in names]
    return PositionList(
        "test",
        [
            ListedPosition(
                label=label, x_um=tile.stage_x_um + shift_um, y_um=tile.stage_y_um, row=row, col=0
            )
            for row, (label, tile) in enumerate(zip(labels or names, tiles, strict=True))
        ],
    )


def draw_again(stores, queue: Asked) -> None:
    """What the worker does with the run that was asked for."""
    redraw_map(stores, queue.runs[-1])
    finish(stores.sessions, queue.runs[-1])


def flakes(stores, scan_id) -> list[tuple]:
    """What the object is, where it lies and how large it is, of each flake."""
    views = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id), limit=1000).items
    found = []
    for view in views:
        x_um, y_um = view.centre_um or (None, None)
        numbers = [None if one is None else round(one, 6) for one in (x_um, y_um, view.area_um2)]
        found.append((view.contrast_rgb[0], *numbers))
    return sorted(found, key=repr)


def test_a_tied_scan_has_the_flakes_of_one_that_was_placed_from_the_start(stores, queue):
    placed_id, loose_id = bring(stores, placed=True), bring(stores, placed=False)
    assert len(flakes(stores, loose_id)) > len(flakes(stores, placed_id))

    tied = tie(stores.sessions, queue, loose_id, Tie(listed=listed()))
    draw_again(stores, queue)

    assert (tied.matched, tied.tiles, tied.state) == (4, 4, "queued")
    assert (tied.unmatched_positions, tied.unmatched_tiles, tied.notes) == ([], [], [])
    assert flakes(stores, loose_id) == flakes(stores, placed_id)
    assert get_scan(stores.sessions, loose_id).state == "done"


def test_a_scale_can_come_with_the_positions(stores, queue):
    placed_id, loose_id = (
        bring(stores, placed=True),
        bring(stores, placed=False, um_per_px=None),
    )

    tie(stores.sessions, queue, loose_id, Tie(listed=listed(), um_per_px=UM_PER_PX))
    draw_again(stores, queue)

    assert flakes(stores, loose_id) == flakes(stores, placed_id)
    assert get_scan(stores.sessions, loose_id).um_per_px == UM_PER_PX


def test_without_a_scale_positions_are_kept_and_the_rest_is_said(stores, queue):
    loose_id = bring(stores, placed=False, um_per_px=None)

    tied = tie(stores.sessions, queue, loose_id, Tie(listed=listed()))
    draw_again(stores, queue)
    assert any("send um_per_px" in note for note in tied.notes)
    assert {one[1] for one in flakes(stores, loose_id)} == {None}

    tie(stores.sessions, queue, loose_id, Tie(um_per_px=UM_PER_PX))
    draw_again(stores, queue)
    assert flakes(stores, loose_id) == flakes(stores, bring(stores, placed=True))


def test_flakes_move_with_their_tiles(stores, queue):
    scan_id = bring(stores, placed=True)
    before = flakes(stores, scan_id)

    tie(stores.sessions, queue, scan_id, Tie(listed=listed(shift_um=100.0), replace=True))
    draw_again(stores, queue)

    moved = [(label, x + 100, y, area) for label, x, y, area in before]
    found = flakes(stores, scan_id)
    assert found == [pytest.approx(one, abs=1e-5) for one in sorted(moved, key=repr)]


def test_another_position_needs_replace(stores, queue):
    scan_id = bring(stores, placed=True)

    with pytest.raises(Conflict, match=r"a\.png stands at x .* already, .*send replace=true"):
        tie(stores.sessions, queue, scan_id, Tie(listed=listed(shift_um=1.0)))

    tie(stores.sessions, queue, scan_id, Tie(listed=listed()))
    assert len(queue.runs) == 1, "the same positions again are no conflict"


def test_tiles_known_by_their_place_can_change_places(stores, queue):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    for name in CORNERS:
        by_place = replace(known_tile(name), row=None, col=None)
        add_tile(stores, scan_id, by_place, screen=CHIP.screen)
    swapped = listed(names=("b.png", "a.png", "c.png", "d.png"), labels=tuple(CORNERS))

    tie(stores.sessions, queue, scan_id, Tie(listed=swapped, replace=True))

    with stores.sessions() as session:
        tiles = {tile.name: tile for tile in session.scalars(select(Tile))}
    b = known_tile("b.png")
    assert (tiles["a.png"].stage_x_um, tiles["a.png"].stage_y_um) == (b.stage_x_um, b.stage_y_um)
    assert tiles["a.png"].position_key == f"x {b.stage_x_um:.3f} um y {b.stage_y_um:.3f} um"


def test_the_same_image_again_still_finds_its_tile(stores, queue):
    scan_id = bring(stores, placed=False)
    tie(stores.sessions, queue, scan_id, Tie(listed=listed()))
    nowhere = {"row": None, "col": None, "stage_x_um": None, "stage_y_um": None}

    again = add_tile(stores, scan_id, replace(known_tile("a.png"), **nowhere), screen=CHIP.screen)

    assert not again.created


@pytest.mark.parametrize("labels", [("A", "B", "C", "D"), ("scan/A.tif", "B.TIF", "c", "d.x")])
def test_labels_match_names_without_folder_ending_and_case(stores, queue, labels):
    tied = tie(
        stores.sessions, queue, bring(stores, placed=False), Tie(listed=listed(labels=labels))
    )

    assert tied.matched == 4


def test_a_list_may_name_some_tiles_and_others(stores, queue):
    some = listed(names=("a.png", "b.png", "c.png"), labels=("a.png", "b.png", "other.png"))

    tied = tie(stores.sessions, queue, bring(stores, placed=False), Tie(listed=some))

    assert tied.matched == 2
    assert tied.unmatched_positions == ["position 3 (other.png)"]
    assert tied.unmatched_tiles == ["c.png", "d.png"]


def test_in_order_as_many_are_needed(stores, queue):
    loose_id = bring(stores, placed=False)
    unnamed = (None, None, None, None)

    three = listed(names=("a.png", "b.png", "c.png"), labels=unnamed[:3])

    with pytest.raises(InvalidValue, match="holds 3 positions and the scan 4 tiles"):
        tie(stores.sessions, queue, loose_id, Tie(listed=three, match="order"))
    tied = tie(stores.sessions, queue, loose_id, Tie(listed=listed(labels=unnamed), match="order"))

    assert tied.matched == 4
    draw_again(stores, queue)
    assert flakes(stores, loose_id) == flakes(stores, bring(stores, placed=True))


def test_what_is_ambiguous_is_refused_with_its_reason(stores, queue):
    loose_id = bring(stores, placed=False)
    place = listed().positions[0]
    for positions, by, reason in (
        ([], "name", "holds no positions"),
        (listed(labels=("w", "x", "y", "z")).positions, "name", "No position of the list has"),
        (listed(labels=("a.png",) * 4).positions, "name", "have the same name"),
        ([place, place], "name", "are the same place"),
        ([replace(place, x_um=None)], "name", "states no x and y"),
        (listed().positions, "grid", "has the row and column of a tile"),
        (listed().positions, "colour", "match is 'colour'"),
    ):
        given = Tie(listed=PositionList("test", positions), match=by)
        with pytest.raises(InvalidValue, match=reason):
            tie(stores.sessions, queue, loose_id, given)
    assert queue.runs == []


def test_a_scale_that_is_known_needs_replace_to_change(stores, queue):
    scan_id = bring(stores, placed=True)

    with pytest.raises(Conflict, match=r"has a scale of 0\.5 um per pixel already"):
        tie(stores.sessions, queue, scan_id, Tie(um_per_px=0.4))
    tie(stores.sessions, queue, scan_id, Tie(um_per_px=0.4, replace=True))
    draw_again(stores, queue)

    assert get_scan(stores.sessions, scan_id).um_per_px == 0.4
    (area, *_) = sorted(one[3] for one in flakes(stores, scan_id))
    assert area == pytest.approx(41 * 31 * 0.4**2, abs=0.01)


def test_a_scan_that_is_being_screened_is_left_alone(stores, queue):
    scan_id = bring(stores, placed=False)
    with writing(stores.sessions) as session:
        lock_scan(session, scan_id).state = "screening"

    with pytest.raises(Conflict, match="is being screened"):
        tie(stores.sessions, queue, scan_id, Tie(listed=listed()))
    with pytest.raises(NotFound):
        tie(stores.sessions, queue, 99, Tie(listed=listed()))
    with pytest.raises(InvalidValue, match="Give a list"):
        tie(stores.sessions, queue, scan_id, Tie())
