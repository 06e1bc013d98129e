"""A place to put a drawn chip: a fresh database, a folder for originals, a known model."""

from pathlib import Path

import pytest

from service.db.blobs import FolderBlobStore
from service.db.engine import Sessions
from service.registry.versions import NewModelVersion, register_model
from service.scans.tiles import Stores
from tests.scans.chip import MODEL


@pytest.fixture
def stores(sessions: Sessions, tmp_path: Path) -> Stores:
    register_model(
        sessions,
        NewModelVersion(version=MODEL, sha256="0" * 64, input_size_px=64, threshold=0.5),
        activate=True,
    )
    return Stores(sessions, FolderBlobStore(tmp_path / "blobs"))
