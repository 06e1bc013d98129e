"""Builds the service from its settings: parts, routes, errors, pages."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from threading import Thread

import cv2
from fastapi import FastAPI

from service.api import flakes, health, intake, models, scans, screen, tiles
from service.api.docs import add_docs
from service.api.errors import add_error_handlers
from service.api.guard import Guard
from service.api.openapi import describe
from service.api.parts import Parts
from service.api.screener import Screener
from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.errors import FlakescopeError
from service.inference.live import LiveModel
from service.jobs.client import JobQueue
from service.live_model import choose_model
from service.optics.oxide import usual_oxides
from service.scans.archives import ArchiveLimits
from service.scans.intake import Intake
from service.scans.tiles import Stores
from service.screening.pool import ScreeningPool
from service.settings import Settings
from service.vision.segment import SegmentParams

_log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The service; its parts live as long as the app runs. The database must be migrated."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with build_parts(settings) as parts:
            app.state.parts = parts
            yield

    app = FastAPI(
        title="Flakescope",
        version=version("flakescope"),
        description="Finds graphene flakes on microscope tiles of exfoliated chips.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    for part in (screen, intake, scans, tiles, flakes, models, health):
        app.include_router(part.router)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    add_docs(app)
    add_error_handlers(app)
    app.add_middleware(
        Guard,
        max_body_bytes=settings.max_body_bytes,
        larger={intake.UPLOAD_PATH: settings.max_archive_bytes},
    )
    return app


@contextmanager
def build_parts(settings: Settings) -> Iterator[Parts]:
    """Engine, stores, model and pool; closed in the opposite order.

    A model that cannot serve does not stop the rest: flakes can still be reviewed, screening
    answers with the reason.
    """
    # Several tiles are screened at once: each gets one core.
    cv2.setNumThreads(1)
    engine = build_engine(settings.url)
    stores = Stores(build_sessions(engine), FolderBlobStore(settings.data_dir / "blobs"))
    pool = ScreeningPool(workers=settings.workers, waiting=settings.waiting)
    # The table by which layers are read takes a second to build: not at the first tile's cost.
    Thread(target=usual_oxides, daemon=True).start()
    live = LiveModel()
    queue = JobQueue(settings.url)
    try:
        live.serve(choose_model(stores, settings))
    except FlakescopeError as error:
        _log.error("Nothing can be screened: %s", error)
        live.fail(str(error))
    try:
        yield Parts(
            engine=engine,
            stores=stores,
            screener=Screener(pool, live, SegmentParams(), settings.max_pixels),
            queue=queue,
            intake=build_intake(settings),
            import_roots=tuple(settings.roots),
        )
    finally:
        queue.close()
        pool.close()
        engine.dispose()


def build_intake(settings: Settings) -> Intake:
    """Where archives wait; the service and its workers share the folder."""
    return Intake(
        (settings.data_dir / "uploads").resolve(),
        settings.max_archive_bytes,
        ArchiveLimits(settings.max_archive_members, settings.max_unpacked_bytes),
    )
