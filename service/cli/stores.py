"""Rows and images, for a command."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.db.blobs import open_blobs
from service.db.engine import build_engine, build_sessions
from service.scans.tiles import Stores
from service.settings import Settings


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """The database and the blob store of these settings; closed at the end."""
    engine = build_engine(settings.url)
    try:
        blobs = open_blobs(settings.blob_store, settings.data_dir / "blobs")
        yield Stores(build_sessions(engine), blobs)
    finally:
        engine.dispose()
