from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import monotonic

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

from service.db.engine import writing
from service.db.queries.flakes import FlakeFilter
from service.db.queries.scans import lock_scan
from service.db.tables import Detection, Flake, Tile
from service.errors import Conflict, InvalidImage, InvalidModel, InvalidValue, NotFound, StorageFull
from service.flakes.flakes import get_flake, list_flakes
from service.reviews.reviews import review_flake
from service.scans.saving import save_screening, stored_answer
from service.scans.scans import create_scan, delete_scan, get_scan
from service.scans.schemas import NewScan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import NewTile, add_tile
from service.screening.pipeline import screen_tile
from service.screening.screen import Screened, ScreenJob
from service.vision.decode import Tile as DecodedTile
from service.vision.decode import decode
from service.vision.segment import SegmentParams
from tests.fakes import FakeClassifier
from tests.scans.chip import UM_PER_PX, draw
from tests.scans.overlapping import CORNERS, OBJECTS, put, seen

CHIP = draw(*OBJECTS)


# What decoding gives; nobody looks at its pixels.
TILE = DecodedTile(np.zeros((8, 8, 3), np.uint8))


def rows(stores) -> list[int]:
    with stores.sessions() as session:
        return [
            session.scalar(select(func.count()).select_from(t)) for t in (Tile, Detection, Flake)
        ]


def blobs(tmp_path) -> int:
    return sum(path.is_file() for path in (tmp_path / "blobs").rglob("*"))


def refuse(job):
    raise InvalidImage("no image")


@pytest.fixture
def scan_id(stores) -> int:
    return create_scan(stores.sessions, CHIP.new_scan()).id


def test_the_same_bytes_again_give_the_stored_answer_without_screening(stores, scan_id):
    first = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    stored = rows(stores)

    again = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=refuse)

    assert first.created
    assert again == first.model_copy(update={"created": False})
    assert len(first.flakes) == 3
    assert rows(stores) == stored


def test_eight_identical_posts_at_once_make_one_set_of_rows(stores, scan_id, tmp_path):
    together = Barrier(8)

    def screen(job):
        together.wait()  # all have looked before any writes
        return CHIP.screen(job)

    with ThreadPoolExecutor(8) as threads:
        posts = [
            threads.submit(add_tile, stores, scan_id, CHIP.tile(0, 0), screen=screen)
            for _ in range(8)
        ]
        answers = [post.result() for post in posts]

    assert sorted(answer.created for answer in answers) == [False] * 7 + [True]
    assert len({answer.tile.id for answer in answers}) == 1
    assert all(answer.flakes == answers[0].flakes for answer in answers)
    assert rows(stores) == [1, 3, 3]
    assert blobs(tmp_path) == 1


def test_the_original_is_written_while_its_tile_is_screened(stores, scan_id, tmp_path):
    def screen(job):
        job.decoded(TILE)
        deadline = monotonic() + 10
        while not blobs(tmp_path):
            assert monotonic() < deadline
        return CHIP.screen(job)

    assert add_tile(stores, scan_id, CHIP.tile(0, 0), screen=screen).created
    assert blobs(tmp_path) == 1


def test_an_original_whose_screening_fails_is_not_kept(stores, scan_id, tmp_path):
    def screen(job):
        job.decoded(TILE)
        raise InvalidModel("no model")

    with pytest.raises(InvalidModel):
        add_tile(stores, scan_id, CHIP.tile(0, 0), screen=screen)
    assert (rows(stores), blobs(tmp_path)) == ([0, 0, 0], 0)


def test_a_full_disk_is_told_and_leaves_no_row(stores, scan_id, monkeypatch):
    def full(content):
        raise StorageFull("The disk of the images is full.")

    def screen(job):
        job.decoded(TILE)
        return CHIP.screen(job)

    monkeypatch.setattr(stores.blobs, "put", full)
    with pytest.raises(StorageFull):
        add_tile(stores, scan_id, CHIP.tile(0, 0), screen=screen)
    assert rows(stores) == [0, 0, 0]


def test_overlapping_tiles_posted_at_once_give_the_flakes_of_one_after_the_other(stores, scan_id):
    expected = seen(stores, put(stores, CHIP, CORNERS))
    together = Barrier(len(CORNERS))

    def screen(job):
        together.wait()
        return CHIP.screen(job)

    with ThreadPoolExecutor(len(CORNERS)) as threads:
        posts = [
            threads.submit(add_tile, stores, scan_id, CHIP.tile(*corner), screen=screen)
            for corner in CORNERS
        ]
        for post in posts:
            post.result()

    assert seen(stores, scan_id) == expected


def test_other_bytes_at_the_same_position_are_refused_unless_they_shall_replace(
    stores, scan_id, tmp_path
):
    add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    bare = draw()
    other = CHIP.tile(0, 0, word="bare")

    with pytest.raises(Conflict, match="replace=true"):
        add_tile(stores, scan_id, other, screen=refuse)
    replaced = add_tile(stores, scan_id, other, screen=bare.screen, replace=True)

    assert replaced.created
    assert replaced.flakes == []
    assert rows(stores) == [1, 0, 0]
    assert blobs(tmp_path) == 1


def test_a_replaced_image_stays_where_another_tile_has_it(stores, scan_id, tmp_path):
    tile = CHIP.tile(0, 0)
    add_tile(stores, scan_id, tile, screen=CHIP.screen)
    add_tile(stores, scan_id, replace(tile, row=99), screen=CHIP.screen)

    other = CHIP.tile(0, 0, word="other")
    add_tile(stores, scan_id, other, screen=CHIP.screen, replace=True)

    assert (
        stores.blobs.get(
            add_tile(stores, scan_id, replace(tile, row=99), screen=refuse).tile.sha256
        )
        == tile.image
    )
    assert blobs(tmp_path) == 2


def test_nothing_is_saved_when_screening_raises(stores, scan_id, tmp_path):
    with pytest.raises(InvalidImage):
        add_tile(stores, scan_id, CHIP.tile(0, 0), screen=refuse)

    assert rows(stores) == [0, 0, 0]
    assert blobs(tmp_path) == 0


def test_nothing_is_saved_for_a_model_that_was_not_registered(stores, scan_id, tmp_path):
    unknown = replace(CHIP, model="unknown-1")

    with pytest.raises(InvalidModel, match="'unknown-1'"):
        add_tile(stores, scan_id, CHIP.tile(0, 0), screen=unknown.screen)

    assert rows(stores) == [0, 0, 0]
    assert blobs(tmp_path) == 0


def test_a_scan_that_is_deleted_while_its_tile_is_screened_stays_deleted(stores, scan_id, tmp_path):
    def screen(job):
        delete_scan(stores.sessions, stores.blobs, scan_id)
        return CHIP.screen(job)

    with pytest.raises(NotFound, match=f"scan {scan_id}"):
        add_tile(stores, scan_id, CHIP.tile(0, 0), screen=screen)

    assert rows(stores) == [0, 0, 0]
    assert blobs(tmp_path) == 0


def test_a_tile_that_failed_is_screened_again_whatever_its_bytes(stores, scan_id):
    first = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    with stores.sessions.begin() as session:
        session.get_one(Tile, first.tile.id).state = "failed"
    failed = get_scan(stores.sessions, scan_id).tiles

    again = add_tile(stores, scan_id, CHIP.tile(0, 0, word="new"), screen=CHIP.screen)

    assert (failed.screened, failed.failed) == (0, 1)
    assert again.tile.id == first.tile.id
    assert again.tile.state == "screened"
    assert [flake.id for flake in again.flakes] == [flake.id for flake in first.flakes]


SCALES = [
    # of the scan, of the tile, of the file -> the one that counts
    ({"um_per_px": 0.5}, 0.25, None, 0.25),
    ({"um_per_px": 0.5}, None, None, 0.5),
    ({"affine": (0.3, 0.4, 0, -0.4, 0.3, 0)}, None, None, 0.5),
    ({"affine": (0.3, 0.4, 0, -0.4, 0.3, 0)}, 0.1, None, 0.1),
    ({}, None, 0.2, 0.2),
    ({}, None, None, None),
]


def test_the_scale_is_the_tiles_own_then_the_scans_then_the_files(stores):
    for scan, own, of_file, expected in SCALES:
        scan_id = create_scan(stores.sessions, NewScan(name="chip", **scan)).id

        def screen(job, of_file=of_file, expected=expected):
            assert job.um_per_px == (None if expected == of_file else pytest.approx(expected))
            return replace(CHIP.screen(job), um_per_px=of_file)

        tile = replace(CHIP.tile(0, 0), um_per_px=own)
        added = add_tile(stores, scan_id, tile, screen=screen)

        flake = added.flakes[0]
        if expected is None:
            assert added.tile.um_per_px is None
            assert (flake.area_um2, flake.centre_um, flake.polygon_um) == (None, None, None)
        else:
            assert added.tile.um_per_px == pytest.approx(expected)
            assert flake.area_um2 == pytest.approx(flake.area_px * expected**2)


def test_a_flake_has_the_words_of_the_design(stores, scan_id):
    added = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)

    flake = next(flake for flake in added.flakes if flake.layers == 1)

    assert (flake.scan_id, flake.tile_id) == (scan_id, added.tile.id)
    assert (flake.p_graphene, flake.is_graphene, flake.threshold) == (0.51, True, 0.5)
    assert flake.model_version == added.tile.model_version == CHIP.model
    assert flake.area_um2 == flake.area_px * UM_PER_PX**2
    assert flake.contrast_rgb == (-0.01, -0.01, -0.01)
    x, y, width, height = flake.bbox_px
    assert abs(x + width / 2 - 150.5) <= 1
    assert abs(y + height / 2 - 120.5) <= 1
    assert flake.centre_px == pytest.approx((150.5, 120.5), abs=0.1)
    assert flake.centre_um == pytest.approx((12_075.25, -7_939.75), abs=0.1)
    assert added.tile.light.background_rgb == (0.5, 0.4, 0.3)


def test_a_drawn_monolayer_goes_all_the_way_from_its_bytes_to_its_flake(stores, scan_id):
    pixels = np.full((300, 400, 3), (150, 140, 130), np.float64)
    pixels[100:160, 200:280] *= (0.863, 0.860, 0.929)  # one layer on 90 nm (DATA.md)
    pixels += np.random.default_rng(1).normal(0, 1, pixels.shape)
    _, png = cv2.imencode(".png", pixels[..., ::-1].round().clip(0, 255).astype(np.uint8))
    classifier = FakeClassifier(version=CHIP.model)

    def screen(job):
        tile = decode(job.image, um_per_px=job.um_per_px, oxide_nm=job.oxide_nm)
        found = screen_tile(tile, params=SegmentParams(), classifier=classifier)
        return Screened(screening=found, width_px=tile.width_px, height_px=tile.height_px)

    tile = NewTile(image=png.tobytes(), stage_x_um=100.0, stage_y_um=200.0)
    (flake,) = add_tile(stores, scan_id, tile, screen=screen).flakes

    assert flake.p_graphene == pytest.approx(0.9)
    assert flake.area_um2 == pytest.approx(60 * 80 * UM_PER_PX**2, rel=0.05)
    assert flake.centre_um == pytest.approx((100 + 40 * UM_PER_PX, 200 - 20 * UM_PER_PX), abs=0.5)


def test_a_wrong_position_is_refused_before_anything_is_screened(stores, scan_id):
    tile = replace(CHIP.tile(0, 0), stage_x_um=float("nan"))

    with pytest.raises(InvalidValue, match="stage_x_um is nan"):
        add_tile(stores, scan_id, tile, screen=refuse)


def test_a_tile_is_known_by_row_and_column_then_by_stage_position_then_by_name(stores, scan_id):
    image = CHIP.tile(0, 0).image
    places = [
        {"row": 0, "col": 1, "stage_x_um": 5.0, "stage_y_um": 6.0, "name": "a.png"},
        {"stage_x_um": 5.0, "stage_y_um": -0.0, "name": "a.png"},
        {"name": "a.png"},
        {"row": 1, "col": 0},
    ]
    again = [{"row": 0, "col": 1}, {"stage_x_um": 5.0, "stage_y_um": 0.0}, {"name": "a.png"}]

    ids = [
        add_tile(stores, scan_id, NewTile(image=image, **place), screen=CHIP.screen).tile.id
        for place in [*places, *again]
    ]

    assert len(set(ids[:4])) == 4
    assert ids[4:] == ids[:3]
    with pytest.raises(InvalidValue, match="no position"):
        add_tile(stores, scan_id, NewTile(image=image), screen=refuse)


def screen_again(stores, tile_id: int, chip):
    """Put another screening in the place of a tile's first, as the worker does."""
    with writing(stores.sessions) as session:
        tile = session.get_one(Tile, tile_id)
        job = ScreenJob(image=stores.blobs.get(tile.sha256), um_per_px=None, oxide_nm=None)
        scan = lock_scan(session, tile.scan_id)
        save_screening(session, scan, tile, chip.screen(job).screening)
        return stored_answer(session, tile)


def test_screening_again_keeps_the_flakes_and_their_reviews(stores, scan_id):
    first = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    flake = first.flakes[0]
    review_flake(stores.sessions, flake.id, NewReview(label="graphene"), "ada")

    again = screen_again(stores, first.tile.id, CHIP)

    assert [one.id for one in again.flakes] == [one.id for one in first.flakes]
    assert get_flake(stores.sessions, flake.id).review.reviewer == "ada"
    assert rows(stores) == [1, 3, 3]


def test_a_reviewed_flake_that_is_found_no_more_is_lost_until_it_is_found_again(stores, scan_id):
    bare = draw()
    first = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    reviewed = first.flakes[0].id
    review_flake(stores.sessions, reviewed, NewReview(label="unsure"), "ada")

    screen_again(stores, first.tile.id, bare)
    lost = get_flake(stores.sessions, reviewed)
    listed = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id))
    counted = get_scan(stores.sessions, scan_id).flakes
    found = screen_again(stores, first.tile.id, CHIP)

    assert lost.is_lost
    assert lost.review.label == "unsure"
    assert (listed.items, listed.total) == ([], 0)
    assert (counted.graphene, counted.other) == (0, 0)
    assert reviewed in [flake.id for flake in found.flakes]
    assert not get_flake(stores.sessions, reviewed).is_lost


def test_reviews_move_with_flakes_that_turn_out_to_be_one(stores):
    chip = draw((9, "ellipse", (540, 660, 260, 40)))
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    left = add_tile(stores, scan_id, chip.tile(0, 520), screen=chip.screen).flakes[0]
    right = add_tile(stores, scan_id, chip.tile(680, 520), screen=chip.screen).flakes[0]
    review_flake(stores.sessions, right.id, NewReview(label="graphene"), "ada")

    (joined,) = add_tile(stores, scan_id, chip.tile(340, 520), screen=chip.screen).flakes

    assert joined.id == left.id
    assert joined.review.reviewer == "ada"
    with pytest.raises(NotFound):
        get_flake(stores.sessions, right.id)


@pytest.mark.parametrize(("moved_px", "is_the_same"), [(10, True), (25, False)])
def test_a_review_stays_where_its_flake_was_and_does_not_go_to_a_neighbour(
    stores, scan_id, moved_px, is_the_same
):
    # 41 x 41 px: moved by 10 their boxes share 0.61 of both, moved by 25 only 0.24.
    before = draw((1, "box", (100, 100, 20, 20)))
    after = draw((1, "box", (100 + moved_px, 100, 20, 20)))
    first = add_tile(stores, scan_id, before.tile(0, 0), screen=before.screen)
    reviewed = first.flakes[0].id
    review_flake(stores.sessions, reviewed, NewReview(label="graphene"), "ada")

    (found,) = screen_again(stores, first.tile.id, after).flakes

    assert (found.id == reviewed) is is_the_same
    assert (found.review is not None) is is_the_same
    assert get_flake(stores.sessions, reviewed).is_lost is not is_the_same
