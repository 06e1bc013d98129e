from dataclasses import replace
from itertools import chain, product

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from service.db.queries.flake_pages import find_flakes
from service.db.queries.flakes import FlakeFilter, Order
from service.db.tables import Flake, FlakeCount
from service.errors import InvalidValue, NotFound
from service.flakes.crops import Originals
from service.flakes.flakes import crop_of_flake, cut_of_flake, get_flake, list_flakes
from service.flakes.schemas import Look
from service.reviews.reviews import list_reviews, review_flake
from service.scans.scans import create_scan, delete_scan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import NewTile, add_tile
from tests.scans.chip import UM_PER_PX, draw

# Label decides about all: odd is graphene, p = label/100 (+ 0.5), below 5 it is the layers too.
CHIP = draw(
    (1, "box", (50, 50, 10, 10)),
    (2, "box", (120, 50, 20, 10)),
    (3, "box", (200, 50, 10, 10)),
    (4, "box", (280, 50, 25, 20)),
    (7, "box", (50, 150, 30, 20)),
    (8, "box", (200, 150, 10, 10)),
)


@pytest.fixture
def scan_id(stores) -> int:
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    return scan_id


@pytest.fixture
def unscaled_id(stores) -> int:
    """A scan of the same flakes without any scale."""
    scan_id = create_scan(
        stores.sessions, CHIP.new_scan().model_copy(update={"um_per_px": None})
    ).id
    add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    return scan_id


def label(flake) -> int:
    return round(-100 * flake.contrast_rgb[0])


def pages(stores, which, *, sort, limit):
    """Every page of a list."""
    cursor = None
    while True:
        page = list_flakes(stores.sessions, which, sort=sort, limit=limit, cursor=cursor)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


FILTERED = [
    ({}, {1, 2, 3, 4, 7, 8}),
    ({"graphene": True}, {1, 3, 7}),
    ({"graphene": False}, {2, 4, 8}),
    ({"min_area_um2": 215.25}, {2, 4, 7}),
    ({"min_area_um2": 215.25, "max_area_um2": 215.25}, {2}),
    ({"min_p": 0.53}, {3, 7}),
    ({"layers": (1, 4)}, {1, 4}),
    ({"layers": (2,), "graphene": True}, set()),
    ({"reviewed": True}, {3}),
    ({"reviewed": False}, {1, 2, 4, 7, 8}),
]


def test_flakes_are_filtered(stores, scan_id, unscaled_id):
    everything = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items
    third = next(flake.id for flake in everything if label(flake) == 3)
    review_flake(stores.sessions, third, NewReview(label="graphene"), "ada")

    for wanted, labels in FILTERED:
        page = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id, **wanted))

        assert {label(flake) for flake in page.items} == labels
        assert page.total == len(labels)


def test_pages_hold_every_flake_once_in_order_and_unknown_values_last(stores, scan_id, unscaled_id):
    columns = ("id", "area_um2", "p_graphene", "layers")
    for sign, column, limit in product(("", "-"), columns, (1, 5, 100)):
        found = list(chain(*pages(stores, FlakeFilter(), sort=sign + column, limit=limit)))

        values = [getattr(flake, column) for flake in found]
        known = [value for value in values if value is not None]
        assert len({flake.id for flake in found}) == len(found) == 12
        assert known == sorted(known, reverse=sign == "-")
        assert values[: len(known)] == known


def test_a_search_that_looks_at_little_finds_every_flake_once_in_order(
    stores, scan_id, unscaled_id
):
    columns = ("id", "area_um2", "p_graphene", "layers")
    filters = ({}, {"min_p": 0.53}, {"layers": (1, 4)}, {"min_area_um2": 215.25, "min_p": 0.03})
    for wanted, sign, column in product(filters, ("", "-"), columns):
        order, which = Order(column, descending=sign == "-"), FlakeFilter(**wanted)
        pages, after = [], None
        with stores.sessions() as session:
            whole = find_flakes(session, which, order, None, 100)
            while not pages or after is not None:
                pages.append(find_flakes(session, which, order, after, 4, bound=2))
                after = pages[-1].behind

        assert whole.total_is_exact
        found = [flake.id for page in pages for flake in page.flakes]
        assert found == [flake.id for flake in whole.flakes]
        assert all(page.total <= whole.total for page in pages)
        assert all(page.total == whole.total for page in pages if page.total_is_exact)


def test_counts_follow_what_becomes_of_flakes(stores, scan_id, unscaled_id):
    def counted() -> set[tuple]:
        with stores.sessions() as session:
            rows = session.execute(select(FlakeCount.__table__).where(FlakeCount.flakes > 0))
            return {tuple(row) for row in rows}

    def there() -> set[tuple]:
        kind = (Flake.scan_id, Flake.is_graphene, Flake.is_reviewed)
        query = select(*kind, func.count()).where(Flake.is_lost.is_(False)).group_by(*kind)
        with stores.sessions() as session:
            return {tuple(row) for row in session.execute(query)}

    first = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items[0].id
    for change in (
        lambda: review_flake(stores.sessions, first, NewReview(label="unsure"), "ada"),
        # Everything is gone, but the flake that somebody reviewed is kept as lost.
        lambda: add_tile(
            stores, scan_id, CHIP.tile(0, 0, word="b"), screen=draw().screen, replace=True
        ),
        lambda: add_tile(
            stores, scan_id, CHIP.tile(0, 0, word="c"), screen=CHIP.screen, replace=True
        ),
        lambda: delete_scan(stores.sessions, stores.blobs, unscaled_id),
    ):
        before = counted()
        change()
        assert counted() == there() != before


def test_a_page_stays_where_it_was_when_flakes_come_before_it(stores, scan_id, unscaled_id):
    whole = list_flakes(stores.sessions, FlakeFilter(), sort="-area_um2").items
    first = list_flakes(stores.sessions, FlakeFilter(), sort="-area_um2", limit=3)
    largest = draw((9, "box", (200, 150, 90, 60)))
    add_tile(
        stores,
        unscaled_id,
        replace(largest.tile(0, 0), row=9, um_per_px=5.0),
        screen=largest.screen,
    )

    second = list_flakes(
        stores.sessions, FlakeFilter(), sort="-area_um2", limit=9, cursor=first.next_cursor
    )

    assert [*first.items, *second.items] == whole


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"sort": "colour"}, "'colour'; it has to be one of id, area_um2"),
        ({"limit": 1001}, "limit is 1001"),
        ({"cursor": "bm9uc2Vuc2U"}, "no cursor"),
        ({"cursor": "\u00fc"}, "no cursor"),
        ({"cursor": "WyItYXJlYV91bTIiLCJ4Iiw1XQ"}, "no cursor"),
        ({"cursor": "WyJpZCIsMSwxXQ"}, "sort='id', this call to sort='-area_um2'"),
    ],
)
def test_a_call_that_cannot_be_answered_says_why(call, message):
    with pytest.raises(InvalidValue, match=message):
        list_flakes(None, FlakeFilter(), **call)


@pytest.mark.parametrize(
    "wrong", [{"min_p": 1.5}, {"min_area_um2": float("nan")}, {"layers": (0,)}]
)
def test_a_filter_that_nothing_can_match_is_refused(wrong):
    with pytest.raises(InvalidValue, match="it has to be from"):
        list_flakes(None, FlakeFilter(**wrong))


def test_what_is_not_there_is_not_found(sessions):
    for ask in (get_flake, list_reviews):
        with pytest.raises(NotFound, match="flake 5"):
            ask(sessions, 5)
    with pytest.raises(NotFound, match="scan 5"):
        list_flakes(sessions, FlakeFilter(scan_id=5))


def test_the_latest_review_counts_and_earlier_ones_are_kept(stores, scan_id):
    flake_id = list_flakes(stores.sessions, FlakeFilter()).items[0].id
    doubt = NewReview(label="unsure", note="dust?")
    verdict = NewReview(label="graphene", layers=2)

    for review, who in ((doubt, "ada"), (verdict, "bob"), (verdict, "bob")):
        flake = review_flake(stores.sessions, flake_id, review, who)

    assert (flake.review.label, flake.review.layers, flake.review.note) == ("graphene", 2, None)
    assert get_flake(stores.sessions, flake_id) == flake
    history = [(one.reviewer, one.label) for one in list_reviews(stores.sessions, flake_id)]
    assert history == [("ada", "unsure"), ("bob", "graphene")]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": 0}, "layers is 0"),
        ({"note": "x" * 4001}, "4001 characters"),
        ({"who": ""}, "reviewer is empty"),
    ],
)
def test_a_wrong_review_is_refused(wrong, message):
    said = {"label": "graphene", "who": "ada"} | wrong
    who = said.pop("who")
    with pytest.raises(InvalidValue, match=message):
        review_flake(None, 1, NewReview(**said), who)


def test_a_review_with_another_label_is_refused():
    with pytest.raises(ValidationError, match=r"'graphene', 'not_graphene' or 'unsure'.*'grafene'"):
        NewReview(label="grafene")


@pytest.mark.parametrize("full_scale", [255, 4095])
def test_a_crop_shows_the_flake_with_its_surroundings(stores, full_scale):
    pixels = np.full((300, 400, 3), (0.5, 0.25, 1.0))
    pixels[40:61, 40:61] = (0.5, 0.25, 0.5)  # where object 1 lies
    depth = np.uint8 if full_scale == 255 else np.uint16
    _, png = cv2.imencode(".png", (pixels[..., ::-1] * full_scale).astype(depth))
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    place = CHIP.tile(0, 0)

    def screen(job):
        return CHIP.screen(replace(job, image=place.image))

    tile = NewTile(image=png.tobytes(), name="tile.png", um_per_px=UM_PER_PX)
    added = add_tile(stores, scan_id, tile, screen=screen)
    first = next(flake for flake in added.flakes if label(flake) == 1)

    what = cut_of_flake(stores.sessions, first.id, Look())
    crop = cv2.imdecode(
        np.frombuffer(crop_of_flake(stores, Originals(), what), np.uint8), cv2.IMREAD_UNCHANGED
    )

    assert added.tile.media_type == "image/png"
    assert crop.shape == (21 + 2 * 16, 21 + 2 * 16, 3)
    assert crop.dtype == np.uint8
    assert np.abs(crop[0, 0].astype(int) - (255, 64, 128)).max() <= 1
    assert np.abs(crop[16, 16].astype(int) - (128, 64, 128)).max() <= 1
    assert (crop[16:37, 16:37, 0] < 130).all()
