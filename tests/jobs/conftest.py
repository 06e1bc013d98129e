"""A drawn chip whose tiles wait in a folder, and a worker in this process that screens them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.db.blobs import FolderBlobStore
from service.db.engine import Sessions
from service.intake.archives import ArchiveLimits
from service.intake.folder import Intake, bring_in
from service.intake.take_in import Reader
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.jobs.engine import WorkerPlan, working
from service.jobs.workflows import Work
from service.registry.versions import NewModelVersion, register_model
from service.scans.chunks import Means
from service.scans.tiles import Stores
from service.screening.screen import Screen
from tests.jobs.folder import ChipFolder
from tests.scans.chip import MODEL


@dataclass(frozen=True)
class Bench:
    """Everything that a worker works with; `working` runs one for as long as it is needed."""

    url: str
    stores: Stores
    queue: JobQueue
    intake: Intake
    folder: Path

    def working(
        self, folder: ChipFolder, screen: Screen, *, slots: int = 2, name: str = "test"
    ) -> AbstractContextManager[None]:
        return self._working(
            folder,
            lambda _: screen,
            WorkerPlan(self.url, name, ("live", "batch", "scans"), slots, is_shared=False),
        )

    @contextmanager
    def _working(
        self, folder: ChipFolder, screen_for: Callable[[str | None], Screen], plan: WorkerPlan
    ) -> Iterator[None]:
        work = Work(
            stores=self.stores,
            queue=self.queue,
            bring_in=lambda run: bring_in(
                self.stores,
                self.queue,
                run,
                Reader(folder.read_folder, folder.tile_bytes),
                self.intake,
            ),
            intake=self.intake,
            means_for=lambda version: Means(
                stores=self.stores,
                screen=screen_for(version),
                alone=lambda _: "ended its process",
                tile=nullcontext,
                sleep=lambda _: None,
            ),
        )
        with working(plan, work, self.queue, self.stores.sessions):
            yield


@pytest.fixture
def bench(database_url: str, sessions: Sessions, tmp_path: Path) -> Iterator[Bench]:
    migrate_jobs(database_url)
    register_model(
        sessions,
        NewModelVersion(version=MODEL, sha256="0" * 64, input_size_px=64, threshold=0.5),
        activate=True,
    )
    queue = JobQueue(database_url)
    yield Bench(
        url=database_url,
        stores=Stores(sessions, FolderBlobStore(tmp_path / "blobs")),
        queue=queue,
        intake=Intake(tmp_path / "uploads", 2**30, ArchiveLimits(1000, 2**30)),
        folder=tmp_path / "scan",
    )
    queue.close()
