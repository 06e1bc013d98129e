"""Scale, oxide and orientation stated anew: the scan is then as if it had been sent rightly."""

from contextlib import nullcontext

import numpy as np
import pytest
from sqlalchemy import select

from service.db.tables import Detection, Flake, Scan, Tile
from service.errors import Conflict, InvalidValue
from service.placement.correcting import redraw_map
from service.reviews.reviews import review_flake
from service.scans.chunks import Means, screen_chunk
from service.scans.restating import change_scan
from service.scans.runs import finish, plan
from service.scans.scans import get_scan
from service.scans.tile_schemas import NewReview
from service.vision.stage import orient
from tests.scans.rendered import OPTICS, put, render, screen_nothing, screen_really

# What rows are known by, when they came, and how often a job began with them.
_NOT_COMPARED = {"id", "scan_id", "tile_id", "flake_id", "created_at", "screened_at", "starts"}


class Kept:
    """A queue that keeps the runs and chunks it is given."""

    def __init__(self):
        self.runs, self.chunks = [], []

    def add_run(self, session, run):
        del session
        self.runs.append(run)

    def add_chunk(self, session, run, number, chunk):
        del session, run, number
        self.chunks.append(chunk)


def restate(stores, scan_id, changes, **how):
    """What the service and its worker do; how many tiles were screened again."""
    queue = Kept()
    change_scan(stores, queue, scan_id, changes, **how)
    for run in queue.runs:
        redraw_map(stores, run)
        plan(stores.sessions, queue, run)
        means = Means(
            stores=stores,
            screen=screen_really,
            alone=lambda _: "ended its process",
            tile=nullcontext,
            sleep=lambda _: None,
        )
        for chunk in queue.chunks:
            screen_chunk(means, chunk)
        finish(stores.sessions, run)
    return sum(len(chunk.tile_ids) for chunk in queue.chunks)


def rows(stores, scan_id):
    """Every flake with its tile and its detections, and every tile, but for ids and times."""
    with stores.sessions() as session:
        tiles = list(session.scalars(select(Tile).where(Tile.scan_id == scan_id)))
        keys = {tile.id: tile.position_key for tile in tiles}
        flakes = list(session.scalars(select(Flake).where(Flake.scan_id == scan_id)))
        seen = list(session.scalars(select(Detection).where(Detection.tile_id.in_(keys))))
        tracks = {
            flake.id: sorted(
                (keys[one.tile_id], one.candidate_index) for one in seen if one.flake_id == flake.id
            )
            for flake in flakes
        }
        reach_um = session.get_one(Scan, scan_id).tile_reach_um
        return {
            "tiles": sorted((tile.position_key, _columns(tile)) for tile in tiles),
            "flakes": sorted(
                (tracks[flake.id], keys[flake.tile_id], _columns(flake)) for flake in flakes
            ),
            "detections": sorted(
                (keys[one.tile_id], one.candidate_index, tracks[one.flake_id], _columns(one))
                for one in seen
            ),
            "reach_um": reach_um,
        }


def _columns(row):
    names = [column.name for column in row.__table__.columns if column.name not in _NOT_COMPARED]
    return [(name, repr(getattr(row, name))) for name in names]


RIGHT = {"um_per_px": OPTICS.um_per_px, "oxide_nm": 90.0, "flip_x": False, "flip_y": False}


def test_fifty_tiles_with_wrong_scale_oxide_and_orientation_become_those_sent_rightly(stores):
    scanned = render(rows=5, columns=10)
    right = put(stores, scanned, screen_really)
    wrong = put(
        stores,
        scanned,
        screen_really,
        um_per_px=OPTICS.um_per_px * 1.9,
        oxide_nm=285,
        flip_x=True,
        swap_xy=True,
    )
    assert len(rows(stores, right)["flakes"]) > 50
    assert rows(stores, wrong) != rows(stores, right)

    screened = restate(stores, wrong, RIGHT | {"swap_xy": False}, rescreen=True)

    assert screened == 50
    assert rows(stores, wrong) == rows(stores, right)
    assert get_scan(stores.sessions, wrong).state == "done"


@pytest.mark.parametrize(
    ("said", "changes", "rescreen", "screened"),
    [
        ({"um_per_px": 1.1}, {"um_per_px": OPTICS.um_per_px}, False, 6),
        ({"oxide_nm": 285}, {"oxide_nm": 90.0}, True, 6),
        ({"flip_y": True}, {"flip_y": False}, False, 0),
        ({"position_reference": "top_left"}, {"position_reference": "centre"}, False, 0),
    ],
    ids=["scale", "oxide", "flip", "reference"],
)
def test_what_is_put_right_alone_makes_the_same_rows(stores, said, changes, rescreen, screened):
    scanned = render(rows=2)
    right = put(stores, scanned, screen_really)
    wrong = put(stores, scanned, screen_really, **said)

    assert restate(stores, wrong, changes, rescreen=rescreen) == screened

    assert rows(stores, wrong) == rows(stores, right)


def test_what_is_stated_counts_for_tiles_whose_files_say_otherwise(stores):
    scan_id = put(stores, render(rows=2), screen_really, um_per_px=OPTICS.um_per_px)
    areas = _areas(stores, scan_id)

    restate(stores, scan_id, {"um_per_px": OPTICS.um_per_px / 2})

    with stores.sessions() as session:
        tiles = list(session.scalars(select(Tile).where(Tile.scan_id == scan_id)))
        scan = session.get_one(Scan, scan_id)
        assert {tile.um_per_px for tile in tiles} == {OPTICS.um_per_px / 2}
        assert (scan.um_per_px, scan.um_per_px_from) == (OPTICS.um_per_px / 2, "stated")
    assert max(_areas(stores, scan_id)) < max(areas)


def _areas(stores, scan_id):
    with stores.sessions() as session:
        query = select(Detection).join(Tile).where(Tile.scan_id == scan_id)
        found = list(session.scalars(query))
        scale = session.get_one(Tile, found[0].tile_id).um_per_px
        assert all(one.area_um2 == pytest.approx(one.area_px * scale**2) for one in found)
        return [one.area_um2 for one in found]


def test_a_stated_scale_turns_no_affine(stores):
    turned = orient(0.7, flip_x=True)[:, :2]
    affine = (turned[0, 0], turned[0, 1], 0.0, turned[1, 0], turned[1, 1], 0.0)
    scan_id = put(stores, render(rows=2), screen_nothing, um_per_px=None, affine=affine)

    restate(stores, scan_id, {"um_per_px": 0.35})

    scan = get_scan(stores.sessions, scan_id)
    assert scan.um_per_px == 0.35
    assert np.allclose(np.reshape(scan.affine, (2, 3))[:, :2], turned / 2)


def test_flips_take_the_place_of_an_affine_and_keep_its_scale(stores):
    affine = (0.7, 0.0, 0.0, 0.0, 0.7, 0.0)
    scan_id = put(stores, render(rows=2), screen_nothing, um_per_px=None, affine=affine)

    restate(stores, scan_id, {"flip_x": True})

    scan = get_scan(stores.sessions, scan_id)
    assert (scan.affine, scan.flip_x) == (None, True)
    assert scan.um_per_px == pytest.approx(0.7)


def test_reviews_stay_with_their_flakes(stores):
    scan_id = put(stores, render(rows=2), screen_really, oxide_nm=285)
    with stores.sessions() as session:
        query = select(Flake).where(Flake.scan_id == scan_id).order_by(Flake.area_px.desc())
        flake = session.scalars(query).first()
        flake_id, area_px = flake.id, flake.area_px
        assert area_px
    review_flake(stores.sessions, flake_id, NewReview(label="graphene", layers=2), "ada")

    restate(stores, scan_id, {"oxide_nm": 90.0}, rescreen=True)

    with stores.sessions() as session:
        flake = session.get_one(Flake, flake_id)
        assert (flake.is_lost, flake.is_reviewed, flake.area_px) == (False, True, area_px)


def test_a_scan_that_is_screened_now_keeps_what_was_said_of_it(stores):
    scan_id = put(stores, render(rows=2), screen_nothing)
    queue = Kept()
    change_scan(stores, queue, scan_id, {"um_per_px": 0.2})

    with pytest.raises(Conflict, match="being screened"):
        change_scan(stores, queue, scan_id, {"um_per_px": 0.3})

    assert get_scan(stores.sessions, scan_id).um_per_px == 0.2


def test_a_scale_cannot_be_unsaid(stores):
    scan_id = put(stores, render(rows=2), screen_nothing)

    with pytest.raises(InvalidValue, match="not unsaid"):
        change_scan(stores, Kept(), scan_id, {"um_per_px": None})
