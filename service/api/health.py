"""Whether the process answers, and whether it can screen."""

from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from service.api.parts import Parts, PartsDep
from service.api.problems import problem
from service.api.provider import missing_gpu
from service.api.schemas.model import Alive, Ready
from service.api.warnings import no_worker
from service.db.revision import is_current
from service.errors import InvalidModel
from service.jobs.workers import look_for_workers

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def is_alive() -> Alive:
    """Say that the process answers; waits for nothing, so not even for a free thread."""
    return Alive(status="ok", version=version("flakescope"))


@router.get("/readyz", response_model=Ready)
def is_ready(parts: PartsDep) -> Ready | Response:
    """Say whether an image that comes now can be screened, and on which provider; or why not.

    A process that only serves is ready without a worker: that scans wait is a warning.
    """
    reasons = [reason for reason in (_database(parts), _model(parts)) if reason]
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


def _model(parts: Parts) -> str | None:
    try:
        parts.screener.live.classifier  # noqa: B018 - reading it is the question
    except InvalidModel as error:
        return str(error)
    return None
