"""Routes that tell how the service is: health, readiness, system, warnings."""

import shutil
from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from service.admin.census import tiles_by_state
from service.admin.schemas import (
    ActiveProvider,
    Disk,
    QueueDepth,
    SeenWorker,
    StoredTiles,
    System,
    UsedDatabase,
)
from service.db.base import utc_now
from service.db.revision import is_current
from service.errors import InvalidModel
from service.http.parts import Parts, PartsDep
from service.http.problems import problem
from service.inference.onnx_classifier import CPU
from service.intake.archives import RESERVE_BYTES
from service.jobs.names import TRAIN
from service.jobs.workers import SignOfLife, Signs, list_workers, look_for_workers, signs_of
from service.registry.schemas import Alive, Ready
from service.vision.crop import PREPROCESSING_VERSION


def missing_gpu(parts: Parts) -> str | None:
    """Warn where a GPU was asked for and the CPU answers; raises `InvalidModel`."""
    provider = parts.screener.live.classifier.provider
    if not parts.wants_gpu or provider != CPU:
        return None
    return f"A GPU was asked for, but {provider} is active: the log of the start says why."


# From here on it is time to act: a scan of 10,000 tiles has some 10 GB.
LITTLE_BYTES = 10 * RESERVE_BYTES


def no_worker(signs: Signs) -> str | None:
    """Warn where no worker is alive."""
    if signs.alive:
        return None
    if signs.last_seen_s is None:
        return "No worker was ever seen here: scans wait until one runs."
    return f"No worker is alive, the last one was seen {signs.last_seen_s:.0f} s ago: scans wait."


def no_trainer(signs: Signs, waiting: int) -> str | None:
    """Warn where trainings wait and no trainer is alive."""
    if signs.alive or not waiting:
        return None
    trainings = "1 training waits" if waiting == 1 else f"{waiting} trainings wait"
    return f"{trainings}, but no trainer runs: start one with `flakescope trainer`."


def little_room(free_bytes: int) -> str | None:
    """Warn where the disk is nearly full."""
    if free_bytes >= LITTLE_BYTES:
        return None
    free = f"The disk of the data folder has {free_bytes / 2**30:.1f} GiB free"
    if free_bytes < RESERVE_BYTES:
        return f"{free}: uploads are refused below {RESERVE_BYTES / 2**30:.0f} GiB."
    return f"{free}: delete scans that nobody needs, or make room."


health_router = APIRouter(tags=["health"])


@health_router.get("/healthz")
async def is_alive() -> Alive:
    """Say that the process answers; waits for nothing, so not even for a free thread."""
    return Alive(status="ok", version=version("flakescope"))


@health_router.get("/readyz", response_model=Ready)
def is_ready(parts: PartsDep) -> Ready | Response:
    """Say whether an image that comes now can be screened, and on which provider; or why not.

    A process that only serves is ready without a worker: that scans wait is a warning.
    """
    reasons = [reason for reason in (_database(parts), _why_no_model(parts)) if reason]
    if reasons:
        return problem(503, " ".join(reasons), name="not-ready", reasons=reasons)
    classifier = parts.screener.live.classifier
    with parts.stores.sessions() as session:
        signs = look_for_workers(session)
    depths = parts.queue.depths.count(parts.stores.sessions)
    return Ready(
        status="ready",
        database=parts.engine.dialect.name,
        model_version=classifier.version,
        provider=classifier.provider,
        workers=signs.alive,
        waiting={queue: waiting for queue, (waiting, _) in depths.items()},
        warnings=[one for one in (missing_gpu(parts), no_worker(signs)) if one],
    )


def _database(parts: Parts) -> str | None:
    try:
        current = is_current(parts.engine)
    except SQLAlchemyError:
        return "The database does not answer."
    return None if current else "The database's tables are of another version: migrate it."


def _why_no_model(parts: Parts) -> str | None:
    try:
        parts.screener.live.classifier  # noqa: B018 - reading it is the question
    except InvalidModel as error:
        return str(error)
    return None


system_router = APIRouter(prefix="/v1", tags=["health"])


@system_router.get("/system")
def get_system(parts: PartsDep) -> System:
    """Get provider, model, queues, workers and disk, and warnings in words."""
    sessions = parts.stores.sessions
    depths = parts.queue.depths.count(sessions)
    with sessions() as session:
        workers, tiles = list_workers(session), tiles_by_state(session)
    model_version, active, gpu = _model(parts)
    disk = shutil.disk_usage(parts.intake.folder.parent)
    warnings = (
        gpu,
        no_worker(signs_of(workers)),
        no_trainer(signs_of(workers, trainers=True), depths[TRAIN][0]),
        little_room(disk.free),
    )
    return System(
        version=version("flakescope"),
        started_at=parts.started_at,
        uptime_s=(utc_now() - parts.started_at).total_seconds(),
        provider=ActiveProvider(asked=parts.provider, active=active),
        model_version=model_version,
        preprocessing_version=PREPROCESSING_VERSION,
        database=UsedDatabase(kind=parts.engine.dialect.name),
        queues=[
            QueueDepth(name=name, waiting=waiting, running=running)
            for name, (waiting, running) in depths.items()
        ],
        tiles=StoredTiles(**tiles),
        workers=[_shown(one) for one in workers],
        disk=Disk(free_bytes=disk.free, total_bytes=disk.total, reserve_bytes=RESERVE_BYTES),
        warnings=[one for one in warnings if one],
    )


def _model(parts: Parts) -> tuple[str | None, str | None, str | None]:
    """Version and provider in service, and what is to be said of them."""
    try:
        classifier = parts.screener.live.classifier
    except InvalidModel as error:
        return None, None, f"Nothing can be screened: {error}"
    return classifier.version, classifier.provider, missing_gpu(parts)


def _shown(one: SignOfLife) -> SeenWorker:
    return SeenWorker(
        name=one.name,
        kind="trainer" if one.is_trainer else "worker",
        alive=one.is_alive,
        seen_s=round(one.seen_s, 1),
    )
