"""Flat field and substrate of a scan: given, learnt, and used for its tiles."""

import numpy as np
import pytest
from pydantic import ValidationError

from service.calibration.flat_fields import (
    drop_flat_field,
    flat_field_picture,
    give_flat_field,
    learn_from_tiles,
)
from service.calibration.substrates import (
    add_substrate,
    delete_substrate,
    get_substrate,
    list_substrates,
)
from service.db.queries.flakes import FlakeFilter
from service.errors import Conflict, InvalidImage, InvalidValue, NotFound
from service.flakes.flakes import list_flakes
from service.jobs.workflows import notice
from service.scans.queue import Run
from service.scans.restating import change_scan
from service.scans.scans import create_scan, delete_scan, get_scan
from service.scans.schemas import NewScan
from service.scans.tile_list import list_tiles
from service.scans.tiles import NewTile, add_tile
from service.vision.light import read_light
from tests.api.drawn import png_of
from tests.optics.trained_references import TRAINED
from tests.scans.rendered import screen_nothing, screen_really
from tests.scans.shadowed_pictures import PICTURES
from tests.vision.drawing import LAYERS, draw, square
from tests.vision.shadowed import SIZE, shadowed

EMPTY = png_of(draw([], light=shadowed()).pixels)


def open_scan(stores, **said) -> int:
    return create_scan(stores.sessions, NewScan(**({"name": "a"} | said))).id


def put(stores, scan_id, numbers, screen=screen_nothing):
    for number in numbers:
        new = NewTile(image=PICTURES[number], row=number, col=0)
        add_tile(stores, scan_id, new, screen=screen)


class Remembering:
    """Screens really and keeps what it was asked."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job):
        self.jobs.append(job)
        return screen_really(job)


def test_the_learnt_field_is_that_of_the_light_whatever_the_order_of_the_tiles(stores):
    pictures = []
    for order in (range(12), [7, 2, 11, 0, 9, 4, 1, 10, 3, 8, 6, 5]):
        scan_id = open_scan(stores, flat_field="auto")
        put(stores, scan_id, order)
        # What was learnt before all tiles were there would depend on their order.
        learn_from_tiles(stores, Run(scan_id, 0))
        pictures.append(flat_field_picture(stores, scan_id))

    assert pictures[0] == pictures[1]
    truth = shadowed() / shadowed().mean(axis=(0, 1))
    assert np.percentile(abs(read_light(pictures[0], *SIZE) / truth - 1), 95) < 0.02


def test_tiles_that_come_later_are_screened_by_what_was_learnt(stores):
    scan_id = open_scan(stores, flat_field="auto")
    screen = Remembering()
    put(stores, scan_id, range(8), screen)
    learn_from_tiles(stores, Run(scan_id, 0))
    put(stores, scan_id, range(8, 9), screen)

    assert [job.flat_field is None for job in screen.jobs] == [True] * 8 + [False]
    assert screen.jobs[-1].flat_field == flat_field_picture(stores, scan_id)


def test_a_field_that_tiles_were_screened_by_stays(stores):
    scan_id = open_scan(stores, flat_field="auto")
    put(stores, scan_id, range(8))
    learn_from_tiles(stores, Run(scan_id, 0))
    before = flat_field_picture(stores, scan_id)
    put(stores, scan_id, range(8, 12))

    learn_from_tiles(stores, Run(scan_id, 0))

    assert flat_field_picture(stores, scan_id) == before


def test_few_tiles_teach_nothing_and_the_scan_says_so(stores):
    scan_id = open_scan(stores, flat_field="auto")
    put(stores, scan_id, range(4))

    learn_from_tiles(stores, Run(scan_id, 0))

    with pytest.raises(NotFound):
        flat_field_picture(stores, scan_id)
    assert any("No flat field" in warning for warning in notice(stores, Run(scan_id, 0)))


def test_a_picture_of_empty_substrate_takes_the_shadow_off_until_it_is_dropped(stores):
    scan_id = open_scan(stores)
    screen = Remembering()

    assert give_flat_field(stores, scan_id, EMPTY).flat_field == "given"
    assert flat_field_picture(stores, scan_id) == EMPTY
    put(stores, scan_id, [0], screen)
    drop_flat_field(stores, scan_id)
    put(stores, scan_id, [1], screen)

    assert [job.flat_field for job in screen.jobs] == [EMPTY, None]
    assert get_scan(stores.sessions, scan_id).flat_field == "none"
    assert len(list(stores.blobs.names())) == 2


def test_a_picture_of_another_size_is_said_on_each_tile(stores):
    scan_id = open_scan(stores)
    give_flat_field(stores, scan_id, png_of(draw([], size=(300, 200)).pixels))
    put(stores, scan_id, [0], screen_really)

    (tile,) = list_tiles(stores.sessions, scan_id).items

    assert "300x200 px, the tile 640x480" in tile.warnings[0]


def test_what_is_no_image_is_no_flat_field(stores):
    scan_id = open_scan(stores)

    with pytest.raises(InvalidImage):
        give_flat_field(stores, scan_id, b"light")
    with pytest.raises(NotFound):
        give_flat_field(stores, 99, EMPTY)


def test_a_deleted_scan_takes_its_flat_field_along(stores):
    scan_id = open_scan(stores)
    give_flat_field(stores, scan_id, EMPTY)

    delete_scan(stores.sessions, stores.blobs, scan_id)

    assert list(stores.blobs.names()) == []


def test_layers_are_read_by_the_contrasts_of_the_scans_substrate(stores):
    substrate = add_substrate(stores.sessions, "90 nm, 20x", 90.0, TRAINED)
    scan_id = open_scan(stores, um_per_px=0.5)
    picture = png_of(draw([(square(100, 100, 80), LAYERS[2])]).pixels)
    sources = []
    for name, changes in (("a", {}), ("b", {"substrate_id": substrate.id})):
        change_scan(stores, None, scan_id, changes)
        add_tile(stores, scan_id, NewTile(image=picture, name=name), screen=screen_really)
        flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id), sort="id").items
        sources.append((flakes[-1].layers, flakes[-1].layers_source))

    assert sources == [(2, "thin_film"), (2, "substrate")]


def test_the_oxide_of_the_substrate_counts_where_the_scan_has_none(stores):
    substrate = add_substrate(stores.sessions, "285 nm", 285.0, None)
    screen = Remembering()
    for oxide_nm in (None, 90.0):
        scan_id = open_scan(stores, substrate_id=substrate.id, oxide_nm=oxide_nm)
        put(stores, scan_id, [0], screen)

    assert [(job.oxide_nm, job.substrate) for job in screen.jobs] == [(285.0, None), (90.0, None)]


def test_a_substrate_is_kept_found_and_removed_unless_a_scan_refers_to_it(stores):
    sessions = stores.sessions
    kept = add_substrate(sessions, "b", 90.0, TRAINED)
    add_substrate(sessions, "a", None, {"1": {"contrast": {"r": -0.1, "g": -0.1, "b": 0.0}}})
    scan_id = open_scan(stores, substrate_id=kept.id)

    assert [one.name for one in list_substrates(sessions)] == ["a", "b"]
    assert get_substrate(sessions, kept.id) == kept
    assert kept.reference_contrasts["1"]["contrast"]["g"] == -0.14
    with pytest.raises(Conflict, match="1 scans"):
        delete_substrate(sessions, kept.id)
    change_scan(stores, None, scan_id, {"substrate_id": None})
    delete_substrate(sessions, kept.id)
    with pytest.raises(NotFound):
        get_substrate(sessions, kept.id)
    with pytest.raises(Conflict):
        add_substrate(sessions, "a", None, None)


@pytest.mark.parametrize(
    "changes",
    [{"substrate_id": 7}, {"flat_field": "given"}, {"oxide_nm": -1.0}, {"name": ""}],
)
def test_a_scan_is_not_changed_to_what_is_wrong(stores, changes):
    scan_id = open_scan(stores)
    before = get_scan(stores.sessions, scan_id)

    with pytest.raises((InvalidValue, ValidationError)):
        change_scan(stores, None, scan_id, changes)

    assert get_scan(stores.sessions, scan_id) == before


def test_changing_the_oxide_leaves_a_given_flat_field(stores):
    scan_id = open_scan(stores)
    give_flat_field(stores, scan_id, EMPTY)

    changed = change_scan(stores, None, scan_id, {"oxide_nm": 90.0})

    assert (changed.oxide_nm, changed.flat_field) == (90.0, "given")
    assert change_scan(stores, None, scan_id, {"flat_field": "auto"}).flat_field == "auto"
    assert list(stores.blobs.names()) == []
