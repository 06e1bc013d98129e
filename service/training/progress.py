"""What a trainer writes down: that a training runs, its epochs, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.models import lock_training
from service.db.tables import Training
from service.training import schemas
from service.training.trainings import read_training, tell

# A process that ends so often within one epoch will end again: memory, most often.
MOST_STARTS = 5

GIVEN_UP = (
    f"The training's process ended {MOST_STARTS} times within one epoch, without saying why: most "
    "often the computer's memory is too small for this network, or was taken by something else."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a training: a registered model version, figures, the report's blob."""

    model_version: str
    result: Mapping[str, object]
    report_sha256: str


def begin_training(sessions: Sessions, training_id: int) -> schemas.Training | None:
    """Begin a training; None where it is not to run: it ended, or is given up."""
    with writing(sessions) as session:
        training = lock_training(session, training_id)
        if training is None or training.state not in {"queued", "running"}:
            return None
        if training.starts >= MOST_STARTS:
            _end(training, "failed", reason=GIVEN_UP)
            tell(session, training)
            return None
        training.starts += 1
        if training.state == "queued":
            training.state, training.started_at = "running", utc_now()
            tell(session, training)
        return read_training(training)


def is_cancelled(sessions: Sessions, training_id: int) -> bool:
    """Tell whether somebody has cancelled a training."""
    with sessions() as session:
        return session.get_one(Training, training_id).state == "cancelled"


def note_epoch(sessions: Sessions, training_id: int, epoch: Mapping[str, object]) -> bool:
    """Write an epoch down, once whoever comes back to it; False where it was cancelled."""
    with writing(sessions) as session:
        training = lock_training(session, training_id)
        if training is None or training.state != "running":
            return False
        earlier = [one for one in training.epochs if one["number"] != epoch["number"]]
        training.epochs = [*earlier, dict(epoch)]
        training.starts = 0
        tell(session, training)
        return True


def finish_training(sessions: Sessions, training_id: int, outcome: Outcome) -> None:
    """Write the result down, unless it was cancelled meanwhile."""
    with writing(sessions) as session:
        training = lock_training(session, training_id)
        if training is None or training.state != "running":
            return
        training.model_version = outcome.model_version
        training.result, training.report_sha256 = dict(outcome.result), outcome.report_sha256
        _end(training, "done")
        tell(session, training)


def fail_training(sessions: Sessions, training_id: int, reason: str) -> None:
    """Write down why it failed, in words, unless it has ended."""
    with writing(sessions) as session:
        training = lock_training(session, training_id)
        if training is not None and training.state == "running":
            _end(training, "failed", reason=reason)
            tell(session, training)


def _end(training: Training, state: str, reason: str | None = None) -> None:
    training.state, training.reason, training.ended_at = state, reason, utc_now()
