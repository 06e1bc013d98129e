"""Which flake is next, and images that stay with their flakes, on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.db.blobs import FolderBlobStore
from service.db.queries.flakes import FlakeFilter
from service.errors import InvalidImage, InvalidValue, NotFound
from service.flakes.flakes import get_flake, list_flakes
from service.reviews.reviews import review_flake
from service.reviews.revisits import (
    NewRevisit,
    Wanted,
    add_revisit,
    image_of_revisit,
    list_revisits,
    next_flake,
)
from service.scans.scans import create_scan, delete_scan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import Stores, add_tile
from tests.scans.chip import Chip, draw

PNG = b"\x89PNG\r\n\x1a\n of a flake"


@pytest.fixture
def chip() -> Chip:
    # Labels 1 and 3 are graphene, 2 is not; p of 3 is higher, its area smaller.
    return draw(
        (1, "box", (100, 100, 40, 30)),
        (2, "box", (250, 100, 60, 60)),
        (3, "box", (200, 220, 20, 20)),
    )


def screened(stores: Stores, chip: Chip) -> tuple[int, dict[int, int]]:
    """A scan with one tile, and the flakes' ids by label."""
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    add_tile(stores, scan_id, chip.tile(0, 0), screen=chip.screen)
    flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items
    return scan_id, {round(-100 * flake.contrast_rgb[0]): flake.id for flake in flakes}


def test_flakes_come_in_the_order_of_the_graphene_to_be_expected(stores: Stores, chip: Chip):
    scan_id, ids = screened(stores, chip)
    order = []
    while (following := next_flake(stores.sessions, scan_id, Wanted())).flake is not None:
        order.append((following.flake.id, following.waiting))
        assert following.merit_um2 == pytest.approx(
            following.flake.p_graphene * following.flake.area_um2
        )
        add_revisit(stores, following.flake.id, NewRevisit(image=PNG))

    # What is no graphene is never next.
    assert order == [(ids[1], 2), (ids[3], 1)]
    assert (following.merit_um2, following.waiting) == (None, 0)


def test_a_reviewed_flake_is_not_next(stores: Stores, chip: Chip):
    scan_id, ids = screened(stores, chip)

    review_flake(stores.sessions, ids[1], NewReview(label="unsure"), "mia")

    assert next_flake(stores.sessions, scan_id, Wanted()).flake.id == ids[3]


@pytest.mark.parametrize(
    "wanted", [Wanted(layers=(3, 4)), Wanted(min_p=0.525), Wanted(min_area_um2=200)]
)
def test_what_is_asked_of_the_next_flake_holds_for_it(stores: Stores, chip: Chip, wanted: Wanted):
    scan_id, ids = screened(stores, chip)

    following = next_flake(stores.sessions, scan_id, wanted)

    assert following.flake.id == ids[1 if wanted.min_area_um2 else 3]
    if wanted.min_area_um2 is None:
        assert following.waiting == 1


def test_a_flake_without_a_place_on_the_stage_is_not_next(stores: Stores, chip: Chip):
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    tile = replace(chip.tile(0, 0), stage_x_um=None, stage_y_um=None)
    add_tile(stores, scan_id, tile, screen=chip.screen)

    assert next_flake(stores.sessions, scan_id, Wanted()).flake is None


def test_an_image_stays_with_its_flake_as_it_was_sent(stores: Stores, chip: Chip):
    _, ids = screened(stores, chip)
    new = NewRevisit(
        image=PNG, name="100x.png", um_per_px=0.08, stage_x_um=1, stage_y_um=2, note="clean"
    )

    first = add_revisit(stores, ids[1], new)
    again = add_revisit(stores, ids[1], new)

    assert (first.created, again.created) == (True, False)
    assert first.model_dump() == again.model_dump()
    (listed,) = list_revisits(stores.sessions, ids[1])
    assert listed.model_dump() == first.model_dump(exclude={"flakes"})
    assert image_of_revisit(stores, ids[1], first.id) == (PNG, "image/png")
    assert (first.um_per_px, first.stage_z_um) == (0.08, None)
    with pytest.raises(NotFound):
        image_of_revisit(stores, ids[2], first.id)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"image": b"%PDF"}, InvalidImage),
        ({"image": b""}, InvalidValue),
        ({"um_per_px": 1000.0}, InvalidValue),
        ({"stage_x_um": 1.0}, InvalidValue),
        ({"name": "a\0b"}, InvalidValue),
    ],
)
def test_what_is_wrong_with_an_image_is_said_and_nothing_is_kept(
    stores: Stores, chip: Chip, said: dict, error: type[Exception]
):
    _, ids = screened(stores, chip)

    with pytest.raises(error):
        add_revisit(stores, ids[1], NewRevisit(**{"image": PNG} | said))

    assert list_revisits(stores.sessions, ids[1]) == []


def test_an_image_of_no_flake_is_not_kept(stores: Stores, tmp_path: Path):
    with pytest.raises(NotFound):
        add_revisit(stores, 77, NewRevisit(image=PNG))

    assert not any(path.is_file() for path in (tmp_path / "blobs").rglob("*"))


def test_deleting_a_scan_deletes_its_images_and_no_others(stores: Stores, chip: Chip):
    one, ids = screened(stores, chip)
    _, others = screened(stores, chip)
    mine = add_revisit(stores, ids[1], NewRevisit(image=PNG))
    shared = [add_revisit(stores, i, NewRevisit(image=PNG + b"2")) for i in (ids[1], others[1])]

    delete_scan(stores.sessions, stores.blobs, one)

    assert isinstance(stores.blobs, FolderBlobStore)
    assert not stores.blobs.has(mine.sha256)
    assert stores.blobs.has(shared[0].sha256)
    assert len(list_revisits(stores.sessions, others[1])) == 1


def test_a_flake_that_no_tile_shows_any_more_is_kept_for_its_image(stores: Stores, chip: Chip):
    scan_id, ids = screened(stores, chip)
    add_revisit(stores, ids[1], NewRevisit(image=PNG))

    add_tile(stores, scan_id, chip.tile(0, 0, word="again"), screen=draw().screen, replace=True)

    assert get_flake(stores.sessions, ids[1]).is_lost
    assert len(list_revisits(stores.sessions, ids[1])) == 1
    with pytest.raises(NotFound):
        get_flake(stores.sessions, ids[3])


def test_images_of_flakes_that_turn_out_to_be_one_come_together(stores: Stores):
    # Two tiles that show the same flake cut by their borders, and one between them that joins it.
    chip = draw((1, "box", (400, 150, 60, 20)))
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    for x in (0, 400):
        add_tile(stores, scan_id, chip.tile(x, 0), screen=chip.screen)
    flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items
    for number, flake in enumerate(flakes):
        add_revisit(stores, flake.id, NewRevisit(image=PNG + bytes([number])))
        add_revisit(stores, flake.id, NewRevisit(image=PNG))

    add_tile(stores, scan_id, chip.tile(200, 0), screen=chip.screen)

    (left,) = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items
    assert len(list_revisits(stores.sessions, left.id)) == len(flakes) + 1
