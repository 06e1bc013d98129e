"""A database that is SQLite alone."""

from shutil import copy

import pytest

from service.db.engine import build_engine, build_sessions


@pytest.fixture
def sessions(migrated_sqlite, tmp_path):
    """For tests that read a few columns and compare images: no database differs in that."""
    copy(migrated_sqlite, tmp_path / "flakescope.db")
    engine = build_engine(f"sqlite:///{tmp_path / 'flakescope.db'}")
    yield build_sessions(engine)
    engine.dispose()
