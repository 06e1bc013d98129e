"""Labs: on SQLite where a training is long, else on each kind of database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy

import pytest

from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.registry.versions import NewModelVersion, register_model
from service.scans.tiles import Stores
from service.settings import Settings
from tests.models.trainer.lab import Lab
from tests.scans.chip import MODEL


@pytest.fixture
def lab(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Lab]:
    copy(migrated_sqlite, tmp_path / "flakescope.db")
    with opened(Settings(data_dir=tmp_path)) as made:
        yield made


@pytest.fixture
def any_lab(database_url: str, tmp_path: Path) -> Iterator[Lab]:
    with opened(Settings(data_dir=tmp_path, database_url=database_url)) as made:
        yield made


@contextmanager
def opened(settings: Settings) -> Iterator[Lab]:
    migrate_jobs(settings.url)
    engine = build_engine(settings.url)
    queue = JobQueue(settings.url)
    stores = Stores(build_sessions(engine), FolderBlobStore(settings.data_dir / "blobs"))
    # What the drawn tiles are screened with; nothing is active yet.
    drawn = NewModelVersion(version=MODEL, sha256="0" * 64, input_size_px=48, threshold=0.5)
    register_model(stores.sessions, drawn)
    try:
        yield Lab(settings, stores, queue)
    finally:
        queue.close()
        engine.dispose()
