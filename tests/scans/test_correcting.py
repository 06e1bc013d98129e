import numpy as np
import pytest

from service.db.queries.flakes import FlakeFilter
from service.errors import Conflict, InvalidValue
from service.flakes.flakes import list_flakes
from service.placement.agreement import scan_placement
from service.placement.correcting import choose_positions, redraw_map
from service.scans.queue import Run
from service.scans.runs import finish, plan
from service.scans.scans import get_scan
from service.scans.tile_list import list_tiles
from tests.scans.rendered import put, render, screen_nothing, screen_really


class Kept:
    """A queue that keeps the runs it is given."""

    def __init__(self):
        self.runs = []

    def add_run(self, session, run):
        del session
        self.runs.append(run)


def draw(stores, scan_id, positions, **turned):
    """What the service and its worker do."""
    queue = Kept()
    choose_positions(stores.sessions, queue, scan_id, positions, turned)
    (run,) = queue.runs
    redraw_map(stores, run)
    assert plan(stores.sessions, queue, run) == 0
    finish(stores.sessions, run)


def found(stores, scan_id):
    flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id), limit=1000).items
    return sorted((flake.centre_um, flake.area_um2, flake.touches_border) for flake in flakes)


def corrected(stores, scan_id):
    tiles = list_tiles(stores.sessions, scan_id).items
    return np.array([(tile.corrected_x_um, tile.corrected_y_um) for tile in tiles])


def test_known_errors_of_the_stage_are_taken_off_and_can_be_put_back(stores):
    scanned = render(rows=2)
    errors = np.random.default_rng(4).uniform(-3, 3, scanned.places_um.shape)
    true_id = put(stores, scanned, screen_really)
    scan_id = put(stores, scanned, screen_really, errors)
    before, truth = found(stores, scan_id), found(stores, true_id)

    draw(stores, scan_id, "corrected")

    left = corrected(stores, scan_id) - scanned.places_um
    left -= left.mean(axis=0)
    assert np.hypot(*left.T).max() < 0.5
    after = found(stores, scan_id)
    assert len(before) > len(truth)
    assert len(after) == len(truth)
    # The whole map may still lie off by the mean error: no image tells of that.
    away = np.array([one[0] for one in after]) - errors.mean(axis=0)
    for true in truth:
        assert np.hypot(*(away - true[0]).T).min() < 0.6
    assert scan_placement(stores, scan_id).offset_um < 0.3
    assert get_scan(stores.sessions, scan_id).positions == "corrected"

    draw(stores, scan_id, "stated")

    assert found(stores, scan_id) == before
    assert get_scan(stores.sessions, scan_id).state == "done"


def test_a_worker_that_dies_between_tiles_is_followed_by_one_that_goes_on(stores):
    scanned = render(rows=2)
    errors = np.random.default_rng(4).uniform(-3, 3, scanned.places_um.shape)
    whole, torn = (put(stores, scanned, screen_really, errors) for _ in range(2))
    draw(stores, whole, "corrected")
    queue = Kept()
    choose_positions(stores.sessions, queue, torn, "corrected", {})
    dies = Dying(stores, after=4)

    with pytest.raises(InterruptedError):
        redraw_map(dies, queue.runs[0], at_once=2)
    redraw_map(stores, queue.runs[0], at_once=2)

    assert found(stores, torn) == found(stores, whole)


class Dying:
    """Stores whose sessions end after so many transactions."""

    def __init__(self, stores, after):
        self.blobs = stores.blobs
        self._sessions = stores.sessions
        self._left = after

    @property
    def sessions(self):
        self._left -= 1
        if self._left < 0:
            raise InterruptedError
        return self._sessions


def test_a_wrong_orientation_is_put_right_without_screening_again(stores):
    scanned = render(rows=2)
    right = put(stores, scanned, screen_really)
    wrong = put(stores, scanned, screen_really, flip_y=True)
    assert found(stores, wrong) != found(stores, right)

    draw(stores, wrong, "stated", flip_y=False)

    assert found(stores, wrong) == found(stores, right)


def test_bare_tiles_stay_where_they_are(stores):
    scan_id = put(stores, render(rows=2, bare=True), screen_nothing)

    draw(stores, scan_id, "corrected")

    assert {tile.corrected_x_um for tile in list_tiles(stores.sessions, scan_id).items} == {None}


def test_a_scan_that_is_screened_now_is_not_moved(stores):
    scan_id = put(stores, render(rows=2), screen_nothing)
    queue = Kept()
    choose_positions(stores.sessions, queue, scan_id, "corrected", {})

    with pytest.raises(Conflict):
        choose_positions(stores.sessions, queue, scan_id, "stated", {})
    with pytest.raises(InvalidValue):
        choose_positions(stores.sessions, queue, scan_id, "guessed", {})


def test_a_run_whose_place_another_took_moves_nothing(stores):
    scan_id = put(stores, render(rows=2), screen_nothing)
    choose_positions(stores.sessions, Kept(), scan_id, "corrected", {})

    redraw_map(stores, Run(scan_id, 99))

    assert get_scan(stores.sessions, scan_id).positions == "stated"
