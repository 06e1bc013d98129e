"""A worker process on the drawn chip of the merge tests that dies of one tile.

`python -m tests.jobs.deadly_worker URL FOLDER NAME DEADLY [--one] [--grid]`
"""

import os
import signal
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.intake.archives import ArchiveLimits
from service.intake.folder import Intake, bring_in
from service.intake.take_in import Reader
from service.jobs.alone import run_alone, screen_alone
from service.jobs.client import JobQueue
from service.jobs.engine import WorkerPlan, working
from service.jobs.workflows import Work
from service.scans.chunks import Means
from service.scans.tiles import Stores
from service.screening.screen import Screened, ScreenJob
from tests.jobs.folder import ChipFolder
from tests.scans.chip import draw
from tests.scans.overlapping import CORNERS, OBJECTS

CHIP = draw(*OBJECTS)
CHIP_FOLDER = ChipFolder(CHIP, CORNERS)

# Small tiles that overlap: fifteen chunks.
SMALL = (120, 110)
GRID = [(x, y) for y in range(0, 700, 70) for x in range(0, 960, 64)]

# Slow enough to be killed in the middle.
TILE_S = 0.05


def main(url: str, folder: str, name: str, deadly: str, *options: str) -> None:
    stores = Stores(build_sessions(build_engine(url)), FolderBlobStore(Path(folder) / "blobs"))

    def screen(job: ScreenJob) -> Screened:
        time.sleep(TILE_S)
        if job.image.decode().startswith(deadly):
            os.kill(os.getpid(), signal.SIGKILL)
        return CHIP.screen(job)

    command = [sys.executable, "-m", "tests.jobs.deadly_worker", url, folder, name, deadly]
    means = Means(
        stores=stores,
        screen=screen,
        alone=lambda chunk: run_alone([*command, "--one"], os.environ, chunk),
        tile=nullcontext,
    )
    if "--one" in options:
        screen_alone(lambda _: means)
        return
    queue = JobQueue(url)
    chip_folder = ChipFolder(CHIP, GRID, SMALL) if "--grid" in options else CHIP_FOLDER
    intake = Intake(Path(folder) / "uploads", 2**30, ArchiveLimits(1000, 2**30))
    reader = Reader(chip_folder.read_folder, chip_folder.tile_bytes)
    work = Work(
        stores=stores,
        queue=queue,
        bring_in=lambda run: bring_in(stores, queue, run, reader, intake),
        intake=intake,
        means_for=lambda _: means,
    )
    is_shared = not url.startswith("sqlite")
    plan = WorkerPlan(url, name, ("live", "batch", "scans"), 2, is_shared=is_shared)
    with working(plan, work, queue, stores.sessions):
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
