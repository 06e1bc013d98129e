"""`GET /v1/system`: what runs, what waits, and what should be looked after."""

import shutil
from importlib.metadata import version

from fastapi import APIRouter

from service.api.parts import Parts, PartsDep
from service.api.provider import missing_gpu
from service.api.schemas.system import (
    ActiveProvider,
    Disk,
    QueueDepth,
    SeenWorker,
    StoredTiles,
    System,
    UsedDatabase,
)
from service.api.warnings import little_room, no_trainer, no_worker
from service.db.base import utc_now
from service.errors import InvalidModel
from service.jobs.names import TRAIN
from service.jobs.workers import SignOfLife, list_workers, signs_of
from service.scans.archives import RESERVE_BYTES
from service.scans.census import tiles_by_state
from service.vision.crop import PREPROCESSING_VERSION

router = APIRouter(prefix="/v1", tags=["health"])


@router.get("/system")
def get_system(parts: PartsDep) -> System:
    """Provider, model, queues, workers and disk, and warnings in words."""
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
