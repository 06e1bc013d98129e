"""Flakes of the map: the box, the filters, the outlines."""

import numpy as np
import pytest

from service.chip_map.drawing import Shelves
from service.chip_map.flakes import MOST_OUTLINES, Outlines, flakes_of_map
from service.db.engine import writing
from service.db.queries.flakes import FlakeFilter
from service.db.tables import Flake, Tile
from service.errors import InvalidValue
from service.reviews.reviews import review_flake
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tile_schemas import NewReview
from tests.scans.chip import MODEL


def fill(stores, count=300, *, placed=True) -> int:
    """A scan of one tile with flakes anywhere, whose numbers differ."""
    scan_id = create_scan(stores.sessions, NewScan(name="x", um_per_px=0.5)).id
    rng = np.random.default_rng(3)
    with writing(stores.sessions) as session:
        tile = Tile(scan_id=scan_id, position_key="a", sha256="0" * 64, media_type="image/png")
        tile.state, tile.warnings, tile.width_px, tile.height_px = "screened", [], 2000, 1000
        tile.um_per_px = 0.5
        if placed:
            tile.stage_x_um = tile.stage_y_um = 0.0
        session.add(tile)
        session.flush()
        session.add_all(_flake(scan_id, tile.id, rng, placed=placed) for _ in range(count))
    return scan_id


def _flake(scan_id, tile_id, rng, *, placed) -> Flake:
    x, y = rng.uniform(0, 1000, 2).tolist()
    circle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    outline = (np.column_stack([x + 5 * np.cos(circle), y + 5 * np.sin(circle)])).tolist()
    p = float(rng.random())
    return Flake(
        scan_id=scan_id,
        tile_id=tile_id,
        p_graphene=p,
        is_graphene=p > 0.5,
        threshold=0.5,
        model_version=MODEL,
        layers=int(rng.integers(1, 6)) if rng.random() < 0.7 else None,
        area_px=100,
        area_um2=float(rng.uniform(1, 500)) if rng.random() < 0.9 else None,
        bbox_x_px=0,
        bbox_y_px=0,
        bbox_width_px=1,
        bbox_height_px=1,
        centre_x_px=x,
        centre_y_px=y,
        polygon_px=outline,
        centre_x_um=x if placed else None,
        centre_y_um=y if placed else None,
        polygon_um=outline if placed else None,
        contrast_r=-0.1,
        contrast_g=-0.1,
        contrast_b=-0.1,
        touches_border=False,
        is_lost=bool(rng.random() < 0.1),
    )


NO_OUTLINES = Outlines()


def ask(stores, scan_id, box=None, outlines=NO_OUTLINES, **which):
    asked = FlakeFilter(scan_id=scan_id, **which)
    return flakes_of_map(stores.sessions, Shelves(), asked, box, outlines)


BOX = (200.0, 300.0, 800.0, 650.0)


@pytest.mark.parametrize("box", [None, BOX])
@pytest.mark.parametrize(
    ("which", "fits"),
    [
        ({}, lambda flake: flake.id > 0),
        ({"graphene": False}, lambda flake: not flake.is_graphene),
        ({"min_p": 0.8}, lambda flake: flake.p_graphene >= 0.8),
        ({"layers": (1, 3)}, lambda flake: flake.layers in (1, 3)),
        (
            {"min_area_um2": 50, "max_area_um2": 200},
            lambda flake: flake.area_um2 is not None and 50 <= flake.area_um2 <= 200,
        ),
        ({"reviewed": True}, lambda flake: flake.is_reviewed),
    ],
)
def test_the_box_and_the_filters_give_what_a_look_at_each_flake_gives(stores, box, which, fits):
    scan_id = fill(stores)
    with stores.sessions() as session:
        some = [flake.id for flake in session.query(Flake).filter(~Flake.is_lost).limit(20)]
    for flake_id in some:
        review_flake(stores.sessions, flake_id, NewReview(label="unsure"), "me")

    found = ask(stores, scan_id, box, **which)

    left, low, right, high = box or (0, 0, 1000, 1000)
    with stores.sessions() as session:
        expected = {
            flake.id: flake.p_graphene
            for flake in session.query(Flake)
            if not flake.is_lost
            and fits(flake)
            and left <= flake.centre_x_um <= right
            and low <= flake.centre_y_um <= high
        }
    assert sorted(found.id) == sorted(expected)
    assert found.total == len(expected) > 0
    assert found.p_graphene == [round(expected[one], 3) for one in found.id]


def test_a_label_is_that_of_the_latest_review(stores):
    scan_id = fill(stores, 30)
    flake_id = ask(stores, scan_id).id[4]
    for label in ("graphene", "not_graphene"):
        review_flake(stores.sessions, flake_id, NewReview(label=label), "me")

    found = ask(stores, scan_id)

    labels = dict(zip(found.id, found.label, strict=True))
    assert labels.pop(flake_id) == "not_graphene"
    assert set(labels.values()) == {None}


def test_outlines_come_when_asked_for_and_simpler_within_the_tolerance(stores):
    scan_id = fill(stores, 30)

    without = ask(stores, scan_id)
    exact = ask(stores, scan_id, outlines=Outlines(wanted=True))
    simpler = ask(stores, scan_id, outlines=Outlines(wanted=True, tolerance=0.5))

    assert without.polygon is None
    assert {len(polygon) for polygon in exact.polygon} == {40}
    assert max(len(polygon) for polygon in simpler.polygon) < 20
    for x, y, polygon in zip(simpler.x, simpler.y, simpler.polygon, strict=True):
        ways = np.hypot(*(np.array(polygon) - (x, y)).T)
        assert ways == pytest.approx(5, abs=0.02)


def test_no_outlines_come_of_more_flakes_than_a_screen_can_show(stores):
    scan_id = fill(stores, MOST_OUTLINES * 10 // 8)

    found = ask(stores, scan_id, outlines=Outlines(wanted=True))

    assert found.total > MOST_OUTLINES
    assert found.polygon is None
    assert len(found.id) == found.total


def test_without_positions_flakes_lie_on_their_tile_in_the_grid(stores):
    scan_id = fill(stores, 40, placed=False)

    everything = ask(stores, scan_id, outlines=Outlines(wanted=True))
    some = ask(stores, scan_id, BOX)

    assert everything.unit == "px"
    with stores.sessions() as session:
        rows = {one.id: one for one in session.query(Flake)}
    for flake_id, x, polygon in zip(everything.id, everything.x, everything.polygon, strict=True):
        assert x == round(rows[flake_id].centre_x_px, 2)
        assert polygon == rows[flake_id].polygon_px
    left, low, right, high = BOX
    inside = [
        one
        for one, x, y in zip(everything.id, everything.x, everything.y, strict=True)
        if left <= x <= right and low <= y <= high
    ]
    assert sorted(some.id) == sorted(inside)


def test_a_bad_filter_is_refused(stores):
    scan_id = fill(stores, 1)

    with pytest.raises(InvalidValue, match="min_p is 2"):
        ask(stores, scan_id, min_p=2)
