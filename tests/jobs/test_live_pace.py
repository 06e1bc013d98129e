"""The live queue is looked at often while tiles come, and seldom while none does."""

from datetime import UTC, datetime, timedelta

from dbos import DBOS

from service.jobs.engine import PAUSE, RESTING_EVERY_S, SENDING_EVERY_S, LivePace
from service.jobs.names import LIVE
from service.scans.queue import queue_tile
from service.scans.scans import create_scan
from service.scans.tile_list import tile_of
from service.scans.tiles import NewTile
from tests.api.drawn import draw_tile, png_of
from tests.jobs.conftest import Bench
from tests.jobs.folder import ChipFolder
from tests.jobs.waiting import wait_until
from tests.scans.chip import draw
from tests.scans.overlapping import OBJECTS


def every_s() -> float | None:
    queue = DBOS.retrieve_queue(LIVE)
    return None if queue is None else queue.polling_interval_sec


def test_a_tile_that_comes_quickens_the_pace_and_a_pause_slows_it(bench: Bench):
    chip = draw(*OBJECTS)
    sessions = bench.stores.sessions
    scan = create_scan(sessions, chip.new_scan())
    with bench.working(ChipFolder(chip, []), chip.screen):
        wait_until(lambda: every_s() == RESTING_EVERY_S)
        new = NewTile(image=png_of(draw_tile()), row=0, col=0)
        tile = queue_tile(bench.stores, bench.queue, scan.id, new).tile
        wait_until(lambda: every_s() == SENDING_EVERY_S)
        wait_until(lambda: tile_of(sessions, tile.id).state != "queued")

        # By then the worker's own pace has set what it wants; this one is of a minute later.
        later = datetime.now(UTC) + PAUSE + timedelta(seconds=1)
        LivePace(bench.queue.client).look(later)
        assert every_s() == RESTING_EVERY_S
