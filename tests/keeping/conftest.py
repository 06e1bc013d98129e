"""Two places for a lab's data: one with a scan that was reviewed, one that is empty."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copy

import pytest

from service.db.blobs import FolderBlobStore
from service.db.engine import Sessions, build_engine, build_sessions
from service.db.queries.flakes import FlakeFilter
from service.flakes.flakes import list_flakes
from service.registry.versions import NewModelVersion, register_model
from service.reviews.reviews import review_flake
from service.scans.tile_schemas import NewReview
from service.scans.tiles import Stores
from tests.scans.chip import MODEL, draw
from tests.scans.overlapping import CORNERS, OBJECTS, put

CHIP = draw(*OBJECTS)


@pytest.fixture
def embedded(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Stores]:
    """An empty SQLite database with its own images."""
    path = tmp_path / "embedded" / "flakescope.db"
    path.parent.mkdir()
    copy(migrated_sqlite, path)
    engine = build_engine(f"sqlite:///{path}")
    yield Stores(build_sessions(engine), FolderBlobStore(path.parent / "blobs"))
    engine.dispose()


@pytest.fixture
def stores(sessions: Sessions, tmp_path: Path) -> Stores:
    """An empty database, on each kind, with its own images."""
    return Stores(sessions, FolderBlobStore(tmp_path / "blobs"))


@pytest.fixture
def fill() -> Callable[[Stores], int]:
    """Fill a place with a model, a scan of overlapping tiles and a review; the scan's id."""

    def fill_stores(stores: Stores) -> int:
        sha256 = stores.blobs.put(b"an exported network")
        model = NewModelVersion(version=MODEL, sha256=sha256, input_size_px=64, threshold=0.5)
        register_model(stores.sessions, model, activate=True)
        scan_id = put(stores, CHIP, CORNERS)
        page = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id))
        review = NewReview(label="graphene", layers=1, note='é "1L"')
        review_flake(stores.sessions, page.items[0].id, review, "Ada")
        return scan_id

    return fill_stores
