"""Trainings: asked for, looked at, cancelled. What a trainer does is in `training_runs`."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from service.checks import check_one_of, check_range, check_text, found
from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.events import add_event
from service.db.queries.models import (
    WAITING,
    find_active_model_version,
    find_datasets,
    find_model_version,
    kept_datasets,
    lock_training,
    newest_trainings,
)
from service.db.tables import Training
from service.errors import Conflict, InvalidValue
from service.training import schemas
from service.training.networks import ARCHITECTURES, OPTIMIZERS, WARM
from service.training.schemas import NewTraining

SCRATCH = "scratch"

# Some hours of a large network on a CPU; far beyond what a few thousand crops teach.
EPOCHS_RANGE = (1, 200)
RATE_RANGE = (1e-7, 1.0)
SEED_RANGE = (0, 2**31 - 1)
MOST_LISTED = 200


class TrainingQueue(Protocol):
    """Queue of trainings that wait for a trainer."""

    def add_training(self, session: Session, training_id: int) -> None:
        """Run a training, after all before it; part of the session's transaction."""
        ...


def start_training(
    sessions: Sessions, queue: TrainingQueue, new: NewTraining, who: str
) -> schemas.Training:
    """Queue a training for a trainer.

    Raises
    ------
    InvalidValue
        A value is wrong, or there is nothing to learn from.
    NotFound
        There is no such model version or data set.
    """
    _check(new)
    with writing(sessions) as session:
        _check_datasets(session, new.datasets)
        # Reviews of scans that were deleted are reviews.
        kept = kept_datasets(session) if new.reviews else []
        config = new.model_dump() | {
            "datasets": [*new.datasets, *(one for one in kept if one not in new.datasets)],
            "base_model": _base_of(session, new),
        }
        note = config.pop("note")
        training = Training(state="queued", config=config, note=note, created_by=who)
        session.add(training)
        session.flush()
        queue.add_training(session, training.id)
        tell(session, training)
        return read_training(training)


def list_trainings(sessions: Sessions, limit: int = 50) -> list[schemas.Training]:
    """List the latest trainings, newest first."""
    with sessions() as session:
        return [read_training(one) for one in newest_trainings(session, limit)]


def get_training(sessions: Sessions, training_id: int) -> schemas.Training:
    """Get a training; raises `NotFound`."""
    with sessions() as session:
        return read_training(found(session.get(Training, training_id), f"training {training_id}"))


def report_of(sessions: Sessions, training_id: int) -> str | None:
    """Name of the blob that is a training's report; raises `NotFound`."""
    with sessions() as session:
        training = found(session.get(Training, training_id), f"training {training_id}")
        return training.report_sha256


def cancel_training(sessions: Sessions, training_id: int) -> schemas.Training:
    """Cancel a training; a trainer sees it within a second.

    Raises
    ------
    NotFound
        No such training.
    Conflict
        It has ended otherwise.
    """
    with writing(sessions) as session:
        training = found(lock_training(session, training_id), f"training {training_id}")
        if training.state == "cancelled":
            return read_training(training)
        if training.state not in WAITING:
            raise Conflict(f"Training {training_id} has ended already: it is {training.state}.")
        training.state, training.ended_at = "cancelled", utc_now()
        tell(session, training)
        return read_training(training)


def tell(session: Session, training: Training) -> None:
    """Write the event of a training that changed; the last epoch is part of it."""
    body: dict[str, object] = {
        "training_id": training.id,
        "state": training.state,
        "epoch": training.epochs[-1] if training.epochs else None,
        "model_version": training.model_version,
        "reason": training.reason,
    }
    add_event(session, "training", body)


def read_training(row: Training) -> schemas.Training:
    """Read a row. Whether a trainer lives the row does not say: who knows copies it with that."""
    report = None if row.report_sha256 is None else f"/v1/trainings/{row.id}/report"
    return schemas.Training.read(row, report=report, trainer_alive=False)


def _check(new: NewTraining) -> None:
    check_one_of("architecture", new.architecture, ARCHITECTURES)
    check_one_of("optimizer", new.optimizer, OPTIMIZERS)
    check_range("epochs", new.epochs, EPOCHS_RANGE)
    check_range("learning_rate", new.learning_rate, RATE_RANGE)
    check_range("seed", new.seed, SEED_RANGE)
    check_text("note", new.note, longest=2000)
    if not new.reviews and not new.datasets:
        raise InvalidValue("There is nothing to learn from: take the reviews, or name data sets.")
    if new.architecture != WARM and new.base_model not in {None, SCRATCH}:
        raise InvalidValue(
            f"{new.architecture} cannot begin with the weights of {new.base_model!r}: "
            f"only {WARM} can go on from a model version. Leave base_model out."
        )


def _check_datasets(session: Session, ids: Sequence[int]) -> None:
    there = {dataset.id for dataset in find_datasets(session, ids)}
    for missing in [one for one in ids if one not in there]:
        found(None, f"data set {missing}")


def _base_of(session: Session, new: NewTraining) -> str | None:
    """Choose the version to begin with, None = from scratch."""
    if new.architecture != WARM or new.base_model == SCRATCH:
        return None
    if new.base_model is not None:
        what = f"model version {new.base_model!r}"
        return found(find_model_version(session, new.base_model), what).version
    active = find_active_model_version(session)
    return None if active is None else active.version
