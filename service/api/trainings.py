"""Trainings: asked for here, run by `flakescope trainer`."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.api.access import ADMIN, CallerDep
from service.api.parts import PartsDep, SessionsDep, StoresDep
from service.api.schemas.base import Id
from service.api.schemas.training import NewTraining, Training, Trainings
from service.db.engine import Sessions
from service.jobs.workers import look_for_workers
from service.scans import trainings
from service.scans.found import found
from service.scans.trainings import TrainingView

router = APIRouter(prefix="/v1/trainings", tags=["trainings"])

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report, one HTML file", "content": {"text/html": {}}}
}


@router.post("", status_code=202, dependencies=[ADMIN])
def start_training(new: NewTraining, parts: PartsDep, caller: CallerDep) -> Training:
    """Train a network from the lab's reviews and data sets; it waits for those before it.

    What comes out is registered, not promoted.
    """
    sessions = parts.stores.sessions
    wanted = trainings.NewTraining(**new.model_dump())
    view = trainings.start_training(sessions, parts.queue, wanted, caller.name)
    return _shown(view, alive=_is_trainer_alive(sessions))


@router.get("")
def list_trainings(
    sessions: SessionsDep,
    limit: Annotated[int, Query(ge=1, le=trainings.MOST_LISTED)] = 50,
) -> Trainings:
    """The latest trainings, newest first."""
    alive = _is_trainer_alive(sessions)
    views = trainings.list_trainings(sessions, limit)
    return Trainings(items=[_shown(view, alive=alive) for view in views])


@router.get("/{training_id}")
def get_training(training_id: Id, sessions: SessionsDep) -> Training:
    """How far a training is, or what it has come to."""
    view = trainings.get_training(sessions, training_id)
    return _shown(view, alive=_is_trainer_alive(sessions))


@router.post("/{training_id}/cancel", dependencies=[ADMIN])
def cancel_training(training_id: Id, sessions: SessionsDep) -> Training:
    """Stop a training; its process ends within seconds, and nothing of it is kept."""
    view = trainings.cancel_training(sessions, training_id)
    return _shown(view, alive=_is_trainer_alive(sessions))


@router.get("/{training_id}/report", response_class=Response, responses=_PAGE)
def get_report(training_id: Id, stores: StoresDep) -> Response:
    """Figures, plots, and every flake that was missed: one HTML file, to be saved."""
    name = found(
        trainings.report_of(stores.sessions, training_id), f"report of training {training_id} yet"
    )
    headers = {"Content-Disposition": f'attachment; filename="training-{training_id}.html"'}
    return Response(stores.blobs.get(name), media_type="text/html", headers=headers)


def _shown(view: TrainingView, *, alive: bool) -> Training:
    report = f"/v1/trainings/{view.id}/report" if view.has_report else None
    return Training.model_validate(asdict(view) | {"report": report, "trainer_alive": alive})


def _is_trainer_alive(sessions: Sessions) -> bool:
    with sessions() as session:
        return look_for_workers(session, trainers=True).alive > 0
