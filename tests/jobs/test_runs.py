"""A scan is brought in, screened by jobs, cancelled, and screened again."""

import random
import threading
from collections import Counter
from dataclasses import replace

import pytest

from service.db.engine import writing
from service.db.queries.flakes import FlakeFilter
from service.db.queries.scans import lock_scan
from service.errors import Conflict, InvalidImage
from service.flakes.flakes import list_flakes
from service.registry.versions import NewModelVersion, register_model
from service.reviews.reviews import review_flake
from service.scans.positions import position_key
from service.scans.queue import Chunk, store_tile
from service.scans.restating import change_scan
from service.scans.runs import bring_in, cancel_scan, rescreen
from service.scans.scans import create_scan, delete_scan, get_scan
from service.scans.schemas import NewScan
from service.scans.tile_list import list_tiles
from service.scans.tile_schemas import NewReview
from service.scans.tiles import NewTile, TileKey, add_tile
from tests.jobs.conftest import Bench
from tests.jobs.folder import ChipFolder, Damaged
from tests.jobs.waiting import wait_for_end, wait_until
from tests.scans.chip import UM_PER_PX, draw
from tests.scans.overlapping import CORNERS, OBJECTS, put, seen

CHIP = draw(*OBJECTS)
NEW = NewScan(name="chip", source="folder /chips/12")

# 150 small tiles that overlap: fifteen chunks.
SMALL = (120, 110)
GRID = [(x, y) for y in range(0, 700, 70) for x in range(0, 960, 64)]


def start(bench: Bench, new: NewScan = NEW, **options) -> int:
    return bring_in(bench.stores.sessions, bench.queue, new, str(bench.folder), **options).id


def test_a_folder_gives_the_flakes_of_its_tiles_sent_one_by_one(bench: Bench):
    expected = seen(bench.stores, put(bench.stores, CHIP, CORNERS))
    corners = random.Random(1).sample(CORNERS, len(CORNERS))

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, corners), CHIP.screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.error) == ("done", None)
    assert (scan.format, scan.notes) == ("a drawn chip", ["drawn, not taken"])
    assert (scan.tiles.expected, scan.tiles.screened) == (len(CORNERS), len(CORNERS))
    assert seen(bench.stores, scan_id) == expected


def test_chunks_screened_at_once_give_the_flakes_of_one_after_the_other(bench: Bench):
    folder = ChipFolder(CHIP, GRID, SMALL)
    results = []
    for slots in (1, 4):
        scan_id = start(bench, again=True)
        with bench.working(folder, CHIP.screen, slots=slots):
            assert wait_for_end(bench.stores.sessions, scan_id).tiles.screened == len(GRID)
        results.append(seen(bench.stores, scan_id))

    assert results[0] == results[1]


def test_the_same_folder_again_screens_only_what_is_missing(bench: Bench):
    screened = Counter()

    def screen(job):
        screened[job.image] += 1
        return CHIP.screen(job)

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS[:-2]), screen):
        wait_for_end(bench.stores.sessions, scan_id)
    again_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS), screen):
        scan = wait_for_end(bench.stores.sessions, again_id)

    assert again_id == scan_id
    assert scan.tiles.screened == len(CORNERS)
    assert set(screened.values()) == {1}


def test_a_scan_that_is_being_brought_in_is_not_brought_in_twice(bench: Bench):
    start(bench)

    with pytest.raises(Conflict, match="already"):
        start(bench)


def test_a_tile_that_cannot_be_screened_or_read_fails_alone_with_its_reason(bench: Bench):
    poisoned, unreadable = CHIP.tile(*CORNERS[0]).image, "{}_{}.png".format(*CORNERS[1])

    def screen(job):
        if job.image == poisoned:
            raise ZeroDivisionError("division by zero")
        return CHIP.screen(job)

    scan_id = start(bench)
    folder = ChipFolder(CHIP, CORNERS, broken={unreadable: Damaged("Cut off.")})
    with bench.working(folder, screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.tiles.failed) == ("done", 2)
    assert scan.tiles.screened == len(CORNERS) - 2
    tiles = list_tiles(bench.stores.sessions, scan_id).items
    assert {tile.error for tile in tiles if tile.state == "failed"} == {
        "Screening failed: ZeroDivisionError: division by zero",
        "Cut off.",
    }


def test_a_fault_that_passes_costs_nothing(bench: Bench):
    tries = Counter()

    def screen(job):
        tries[job.image] += 1
        if tries[job.image] < 3:
            raise OSError("the share is away")
        return CHIP.screen(job)

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS), screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.tiles.screened, scan.tiles.failed) == (len(CORNERS), 0)


def test_a_scan_of_which_nothing_can_be_screened_has_failed(bench: Bench):
    def screen(job):
        raise InvalidImage("No image.")

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS), screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.tiles.failed) == ("failed", len(CORNERS))
    assert scan.error.startswith("None of its tiles")


def test_a_folder_without_images_fails_in_words(bench: Bench):
    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, []), CHIP.screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.state, scan.error) == ("failed", "There is no image in what was given.")


def test_a_cancelled_scan_stops_and_what_is_missing_can_be_screened_later(bench: Bench):
    cancelled = threading.Event()
    begun = Counter()

    def screen(job):
        begun[job.image] += 1
        if len(begun) > 3:
            cancelled.wait()
        return CHIP.screen(job)

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, GRID, SMALL), screen):
        wait_until(lambda: len(begun) > 3)
        scan = cancel_scan(
            bench.stores.sessions, bench.queue, scan_id, discard=bench.intake.discard
        )
        assert scan.state == "cancelled"
        cancelled.set()
        rest = rescreen(bench.stores.sessions, bench.queue, scan_id, missing=True)
        taken = sum((rest.tiles.queued, rest.tiles.screened))
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert scan.state == "done"
    assert scan.tiles.screened == taken
    # Those that the cancel met were screened twice, and none of the others.
    assert sum(begun.values()) <= taken + 2 * 2


def test_a_scan_deleted_while_it_is_screened_leaves_nothing(bench: Bench, tmp_path):
    begun, deleted = threading.Event(), threading.Event()

    def screen(job):
        begun.set()
        deleted.wait()
        return CHIP.screen(job)

    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS), screen):
        assert begun.wait(60)
        delete_scan(bench.stores.sessions, bench.stores.blobs, scan_id)
        deleted.set()
        wait_until(lambda: not bench.queue.client.list_workflows(status=["PENDING", "ENQUEUED"]))

    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_screening_again_by_another_model_keeps_reviews(bench: Bench):
    scan_id = start(bench)
    folder = ChipFolder(CHIP, CORNERS)
    other = replace(CHIP, model="chip-2")
    register_model(
        bench.stores.sessions,
        NewModelVersion(version="chip-2", sha256="1" * 64, input_size_px=64, threshold=0.5),
    )
    with bench.working(folder, CHIP.screen):
        wait_for_end(bench.stores.sessions, scan_id)
    flakes = list_flakes(bench.stores.sessions, FlakeFilter(scan_id=scan_id)).items
    review_flake(bench.stores.sessions, flakes[0].id, NewReview(label="graphene"), "ada")

    rescreen(bench.stores.sessions, bench.queue, scan_id, model_version="chip-2")
    with bench.working(folder, other.screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    again = list_flakes(bench.stores.sessions, FlakeFilter(scan_id=scan_id)).items
    assert scan.state == "done"
    assert {flake.model_version for flake in again} == {"chip-2"}
    assert [flake.id for flake in again] == [flake.id for flake in flakes]
    assert [flake.id for flake in again if flake.review] == [flakes[0].id]


def send_later(bench: Bench, scan_id: int, new: NewTile) -> None:
    """As `queue_tile`, which wants a real image."""
    name = bench.stores.blobs.put(new.image)
    place = TileKey(scan_id, position_key(new), name, replace=False)
    with writing(bench.stores.sessions) as session:
        stored = store_tile(session, bench.stores, lock_scan(session, scan_id), new, place)
        bench.queue.add_tile(session, Chunk(scan_id, None, (stored.tile.id,)))


def test_screening_again_beside_a_microscope_that_goes_on_is_done(bench: Bench):
    *first, last = CORNERS
    scan_id = create_scan(bench.stores.sessions, CHIP.new_scan()).id
    for corner in first:
        add_tile(bench.stores, scan_id, CHIP.tile(*corner), screen=CHIP.screen)
    began, came, ended = threading.Event(), threading.Event(), threading.Event()

    def screen(job):
        began.set()
        assert came.wait(60)
        if job.image == CHIP.tile(*last).image:
            assert ended.wait(60)
        return CHIP.screen(job)

    rescreen(bench.stores.sessions, bench.queue, scan_id)
    with bench.working(ChipFolder(CHIP, first), screen, slots=1):
        assert began.wait(60)
        send_later(bench, scan_id, CHIP.tile(*last))
        came.set()
        scan = wait_for_end(bench.stores.sessions, scan_id)
        ended.set()
        wait_until(lambda: get_scan(bench.stores.sessions, scan_id).tiles.screened == len(CORNERS))

    assert (scan.state, scan.error) == ("done", None)
    assert scan.tiles.screened == len(first)


def test_nothing_of_a_scan_is_there_when_its_transaction_is_rolled_back(bench: Bench):
    class Failing:
        def __init__(self, queue):
            self.queue = queue

        def add_run(self, session, run):
            self.queue.add_run(session, run)
            raise RuntimeError("after the job was enqueued")

    with pytest.raises(RuntimeError):
        bring_in(bench.stores.sessions, Failing(bench.queue), NEW, str(bench.folder))

    assert bench.queue.client.list_workflows() == []
    scan_id = start(bench)
    assert [job.workflow_id for job in bench.queue.client.list_workflows()] == [
        f"scan-{scan_id}-run-1"
    ]
    assert get_scan(bench.stores.sessions, scan_id).state == "queued"


class SaysScale(ChipFolder):
    """A folder whose files say a scale of their own."""

    def read_folder(self, folder):
        read = super().read_folder(folder)
        tiles = [replace(tile, um_per_px=UM_PER_PX) for tile in read.tiles]
        affine = (0.0, -UM_PER_PX, 0.0, UM_PER_PX, 0.0, 0.0)
        return replace(read, tiles=tiles, affine=affine)


def test_a_stated_scale_counts_for_tiles_whose_files_say_another_and_both_are_told(bench: Bench):
    said = start(bench)
    stated = start(bench, replace_scale(NEW, 0.2), again=True)
    with bench.working(SaysScale(CHIP, CORNERS), CHIP.screen):
        said = wait_for_end(bench.stores.sessions, said)
        stated = wait_for_end(bench.stores.sessions, stated)

    assert (said.um_per_px, said.um_per_px_from, stated.um_per_px) == (UM_PER_PX, "files", 0.2)
    assert stated.um_per_px_from == "stated"
    warning = "The files say 0.5 um per pixel, 0.2 was stated: what was stated is used."
    assert warning in stated.warnings
    assert warning not in said.warnings
    assert stated.affine == pytest.approx((0.0, -0.2, 0.0, 0.2, 0.0, 0.0))
    tiles = list_tiles(bench.stores.sessions, stated.id).items
    assert [tile.um_per_px for tile in tiles] == pytest.approx([0.2] * len(CORNERS))
    areas = {
        scan.id: sorted(
            flake.area_um2 / flake.area_px
            for flake in list_flakes(bench.stores.sessions, FlakeFilter(scan_id=scan.id)).items
            if not flake.touches_border
        )
        for scan in (said, stated)
    }
    assert areas[stated.id][0] == pytest.approx(0.04)
    assert areas[said.id][0] == pytest.approx(0.25)


def test_what_was_put_right_stays_when_the_same_folder_comes_again(bench: Bench):
    scan_id = start(bench)
    with bench.working(SaysScale(CHIP, CORNERS[:-2]), CHIP.screen):
        wait_for_end(bench.stores.sessions, scan_id)
        changes = {"um_per_px": 0.2, "flip_x": False}
        change_scan(bench.stores, bench.queue, scan_id, changes)
        wait_for_end(bench.stores.sessions, scan_id)
    start(bench)
    with bench.working(SaysScale(CHIP, CORNERS), CHIP.screen):
        scan = wait_for_end(bench.stores.sessions, scan_id)

    assert (scan.um_per_px, scan.affine, scan.tiles.screened) == (0.2, None, len(CORNERS))
    tiles = list_tiles(bench.stores.sessions, scan_id).items
    assert {tile.um_per_px for tile in tiles} == {0.2}


def test_the_same_folder_with_other_settings_is_no_repetition(bench: Bench):
    scan_id = start(bench)
    with bench.working(ChipFolder(CHIP, CORNERS[:2]), CHIP.screen):
        wait_for_end(bench.stores.sessions, scan_id)

    with pytest.raises(Conflict, match=f"as scan {scan_id}, with um_per_px 0.5, not 0.2"):
        start(bench, replace_scale(NEW, 0.2), given={"um_per_px"})
    assert start(bench, replace_scale(NEW, 0.5), given={"um_per_px"}) == scan_id


def replace_scale(new: NewScan, um_per_px: float) -> NewScan:
    return new.model_copy(update={"um_per_px": um_per_px})
