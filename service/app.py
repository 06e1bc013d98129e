"""Builds the service from its settings: parts, routes, errors, pages."""

import gc
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from importlib.metadata import version
from threading import Thread

import cv2
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from service.api import (
    calibration,
    chip_map,
    events,
    exports,
    flakes,
    intake,
    metrics_state,
    models,
    placement,
    reviews,
    scans,
    status,
    tokens,
    trainings,
)
from service.api.metrics_state import StateCollector
from service.budget import Budget
from service.confined import Limits
from service.db.blobs import open_blobs
from service.db.engine import build_engine, build_sessions
from service.errors import FlakescopeError
from service.http.body import BodyLimits
from service.http.feed import Feed
from service.http.gate import Gate, Limiter, Rules
from service.http.guard import Guard, GuardRules
from service.http.metrics import Metrics
from service.http.origins import is_loopback
from service.http.page import add_docs, add_page, describe
from service.http.parts import Parts
from service.http.problems import add_error_handlers
from service.http.roles import OPERATOR
from service.http.screener import Screener
from service.http.strict import REFUSE_UNKNOWN
from service.intake.archives import ArchiveLimits
from service.intake.folder import CHUNK_BYTES, Intake
from service.jobs.client import JobQueue
from service.optics.oxide import usual_oxides
from service.registry.following import Following, LiveModel, choose_model, open_model
from service.registry.trying import TRYING_S, try_alone
from service.scans.tiles import Stores
from service.screening.pool import ScreeningPool
from service.settings import Settings
from service.training.counting import COUNTING_S
from service.vision.segment import SegmentParams

_log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Create the app; its parts live as long as it runs. The database must be migrated."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with build_parts(settings, metrics) as parts:
            app.state.parts = parts
            with _settled():
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
    # Whoever may call at all is an operator; what needs an administrator says so at its route.
    for router in (
        flakes.screen_router,
        intake.uploads_router,
        intake.router,
        scans.router,
        scans.tiles_router,
        flakes.router,
        reviews.router,
        reviews.changes_router,
        exports.router,
        placement.tying_router,
        reviews.revisits_router,
        models.router,
        trainings.router,
        trainings.datasets_router,
        events.router,
        tokens.router,
        placement.router,
        calibration.flat_fields_router,
        calibration.substrates_router,
        flakes.optics_router,
        status.system_router,
        models.curves_router,
        chip_map.router,
        scans.pictures_router,
    ):
        app.include_router(router, dependencies=[OPERATOR, REFUSE_UNKNOWN])
    for router in (status.health_router, tokens.session_router):
        app.include_router(router, dependencies=[REFUSE_UNKNOWN])
    app.include_router(
        metrics_state.metrics_router, dependencies=[] if settings.metrics_open else [OPERATOR]
    )
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    add_docs(app)
    add_page(app)
    add_error_handlers(app)
    _add_middleware(app, settings, metrics)
    return app


# Below this the headers of one packet are longer than what is saved.
_LEAST_PACKED_BYTES = 1000
# Level 6 takes almost four times as long for 4 % less of a map's flakes.
_PACKING = 4
# Pictures, archives and networks are packed already or too large; a stream must not wait.
_NOT_PACKED = (
    "image/*",
    "application/zip",
    "application/pdf",
    "application/octet-stream",
    "text/event-stream",
)


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Around every call, from the inside to the outside."""
    open_paths = (tokens.COOKIE_PATH, *(["/metrics"] if settings.metrics_open else []))
    rules = Rules(
        is_local=is_loopback(settings.host),
        stays_open=settings.open,
        allowed_origins=settings.origins,
        open_paths=open_paths,
        calls=Limiter(settings.requests_per_s),
        failures=Limiter(settings.wrong_tokens_per_s),
    )
    app.add_middleware(
        GZipMiddleware,
        minimum_size=_LEAST_PACKED_BYTES,
        compresslevel=_PACKING,
        exclude_content_types=_NOT_PACKED,
    )
    app.add_middleware(Gate, rules=rules)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Prefer", "X-Request-ID"],
            expose_headers=["Retry-After", "X-Request-ID", "Preference-Applied"],
        )
    limits = BodyLimits(
        max_bytes=settings.max_body_bytes,
        drained_bytes=2 * settings.max_body_bytes,
        patience_s=settings.body_patience_s,
        least_bytes_per_s=settings.least_bytes_per_s,
    )
    larger = {
        intake.UPLOAD_PATH: settings.max_archive_bytes,
        trainings.DATASETS_PATH: trainings.MOST_BODY_BYTES,
    }
    rules_of_bodies = GuardRules(
        limits,
        larger,
        streamed=(f"{intake.UPLOADS_PATH}/",),
        flight=Budget(settings.bytes_in_flight),
        prefix=settings.root_path,
    )
    app.add_middleware(Guard, rules=rules_of_bodies, metrics=metrics)


@contextmanager
def _settled() -> Iterator[None]:
    """Keep what lives as long as the app out of garbage collections, which took 200 ms each.

    `flakescope serve` lets them begin here: see `service.cli.commands`.
    """
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def build_parts(settings: Settings, metrics: Metrics) -> Iterator[Parts]:
    """Build engine, stores, model and pool; close them in the opposite order.

    A model that cannot serve does not stop the rest: flakes can still be reviewed, screening
    answers with the reason.
    """
    # Several tiles are screened at once: each gets one core.
    cv2.setNumThreads(1)
    engine = build_engine(settings.url, answers=True)
    stores = Stores(
        build_sessions(engine), open_blobs(settings.blob_store, settings.data_dir / "blobs")
    )
    pool = ScreeningPool(workers=settings.workers, waiting=settings.waiting)
    live = LiveModel()
    queue = JobQueue(settings.url)
    feed, following = Feed(stores.sessions), Following(live, stores, settings)
    try:
        live.serve(choose_model(stores, settings))
    except FlakescopeError as error:
        _log.error("Nothing can be screened: %s", error)
        live.fail(str(error))
    # A model that was named and cannot serve is told, not silently replaced by the active one.
    follows = settings.model is None or live.version is not None
    try:
        parts = Parts(
            engine=engine,
            stores=stores,
            screener=Screener(
                pool,
                live,
                SegmentParams(),
                settings.largest_pixels,
                metrics,
                Budget(settings.pixels_in_flight),
            ),
            queue=queue,
            intake=build_intake(settings),
            import_roots=tuple(settings.roots),
            metrics=metrics,
            wants_gpu=settings.provider == "cuda",
            provider=settings.provider,
            feed=feed,
            open_model=partial(open_model, settings=settings),
            counting=Limits(settings.child_bytes, COUNTING_S),
            try_model=partial(try_alone, Limits(settings.child_bytes, TRYING_S)),
        )
        metrics.registry.register(StateCollector(parts, settings.data_dir))
        feed.start()
        if follows:
            following.start()
        with _preparing(queue):
            yield parts
    finally:
        following.close()
        feed.close()
        queue.close()
        pool.close()
        engine.dispose()


@contextmanager
def _preparing(queue: JobQueue) -> Iterator[None]:
    """Make what the first tiles need beside the block: half a second's work, not the start's."""

    def prepare() -> None:
        usual_oxides()
        # A database that is away is the error of whoever needs it.
        with suppress(SQLAlchemyError):
            queue.client  # noqa: B018 - it loads the engine
        # As in `_settled`: the engine stays too.
        gc.freeze()

    thread = Thread(target=prepare, name="preparing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def build_intake(settings: Settings) -> Intake:
    """Build the intake in which archives wait; the service and its workers share the folder."""
    return Intake(
        (settings.data_dir / "uploads").resolve(),
        settings.max_archive_bytes,
        ArchiveLimits(settings.max_archive_members, settings.max_unpacked_bytes),
        chunk_bytes=min(CHUNK_BYTES, settings.max_body_bytes),
        roots=tuple(settings.roots),
    )
