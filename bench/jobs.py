"""`python -m bench.jobs URL`: what the job engine costs a tile, beside storing its result.

A scan whose tiles take no time to screen is run by a worker, and by plain calls of the same
functions on as many threads. The database must be empty: schema or file of its own.
"""

import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.db.migrate import migrate
from service.formats.folder_scan import FolderScan, FolderTile
from service.intake.archives import ArchiveLimits
from service.intake.folder import Intake
from service.intake.folder import bring_in as take_in
from service.intake.take_in import Reader, queue_folder
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.jobs.engine import WorkerPlan, working
from service.jobs.workflows import Work
from service.registry.versions import NewModelVersion, register_model
from service.scans.chunks import Means, screen_chunk
from service.scans.queue import Chunk, Run
from service.scans.runs import bring_in
from service.scans.scans import get_scan
from service.scans.schemas import NewScan
from service.scans.tiles import Stores
from service.screening.pipeline import Screening
from service.screening.screen import Screened, ScreenJob
from service.vision.normalise import Light

_NOTHING = Screening([], Light((0.5, 0.4, 0.3), (0.01, 0.01, 0.01), 1.0, 1.0), "none", 0.5)


@dataclass(frozen=True, slots=True)
class Took:
    """Time by the clock, and of this process's processors."""

    wall_s: float
    cpu_s: float


class Watch:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._wall_s, self._cpu_s = time.perf_counter(), time.process_time()

    def read(self) -> Took:
        """What it took until now."""
        return Took(time.perf_counter() - self._wall_s, time.process_time() - self._cpu_s)


class Kept:
    """A queue that only keeps its chunks."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    def add_tile(self, session: Session, chunk: Chunk) -> None:
        """Nothing comes by itself here."""

    def add_run(self, session: Session, run: Run) -> None:
        """The run is called directly."""

    def add_chunk(self, session: Session, run: Run, number: int, chunk: Chunk) -> None:
        """Keep a chunk."""
        del session, run, number
        self.chunks.append(chunk)

    def tiles_alone(self) -> set[int]:
        """None here."""
        return set()

    def cancel_run(self, scan_id: int, number: int) -> str | None:
        """Nothing waits here."""


def main(
    url: Annotated[str, typer.Argument(help="An empty database.")],
    *,
    tiles: Annotated[int, typer.Option()] = 1280,
    slots: Annotated[int, typer.Option()] = 2,
) -> None:
    """Time both ways, and print milliseconds a tile."""
    migrate(url)
    migrate_jobs(url)
    engine = build_engine(url)
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(build_sessions(engine), FolderBlobStore(Path(folder) / "blobs"))
        register_model(
            stores.sessions,
            NewModelVersion(version="none", sha256="0" * 64, input_size_px=64, threshold=0.5),
        )
        plain = time_plain(stores, tiles, slots)
        jobs = time_engine(url, stores, Path(folder), (tiles, slots))
    engine.dispose()
    report: dict[str, Any] = {"database": engine.dialect.name, "tiles": tiles, "slots": slots}
    for name, took in (("plain", plain), ("jobs", jobs)):
        report[f"{name}_ms_per_tile"] = round(1000 * took.wall_s / tiles, 2)
        report[f"{name}_cpu_ms_per_tile"] = round(1000 * took.cpu_s / tiles, 2)
    print(json.dumps(report, indent=1))


def time_plain(stores: Stores, tiles: int, slots: int) -> Took:
    """Time of taking in and screening by plain calls."""
    queue = Kept()
    scan = bring_in(stores.sessions, queue, NewScan(name="plain"), "plain")
    watch = Watch()
    queue_folder(stores, queue, Run(scan.id, 1), Path("plain"), _reader(tiles))
    with ThreadPoolExecutor(slots) as threads:
        list(threads.map(lambda chunk: screen_chunk(_means(stores), chunk), queue.chunks))
    return watch.read()


def time_engine(url: str, stores: Stores, folder: Path, size: tuple[int, int]) -> Took:
    """Time from the request of a scan to its end, by a worker that runs already."""
    tiles, slots = size
    queue = JobQueue(url)
    intake = Intake(folder / "uploads", 2**30, ArchiveLimits(1000, 2**30))
    work = Work(
        stores=stores,
        queue=queue,
        bring_in=lambda run: take_in(stores, queue, run, _reader(tiles), intake),
        intake=intake,
        means_for=lambda _: _means(stores),
    )
    plan = WorkerPlan(url, "bench", ("live", "batch", "scans"), slots, is_shared=False)
    with working(plan, work, queue, stores.sessions):
        watch = Watch()
        scan = bring_in(stores.sessions, queue, NewScan(name="jobs"), "jobs")
        # Rarely: looking is no part of what is measured.
        while get_scan(stores.sessions, scan.id).state != "done":
            time.sleep(0.2)
        took = watch.read()
    queue.close()
    return took


def _means(stores: Stores) -> Means:
    return Means(stores=stores, screen=_screen, alone=lambda _: "not here", tile=nullcontext)


def _screen(job: ScreenJob) -> Screened:
    del job
    return Screened(screening=_NOTHING, width_px=400, height_px=300)


def _reader(tiles: int) -> Reader:
    read = FolderScan(
        format="nothing",
        tiles=[FolderTile(path=Path(str(n)), name=str(n), row=0, col=n) for n in range(tiles)],
    )
    return Reader(lambda _: read, lambda tile: tile.name.encode())


if __name__ == "__main__":
    typer.run(main)
