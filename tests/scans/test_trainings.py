"""A training from being asked for to its end, as its row tells it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from models.networks import NAMES
from models.training.config import Optimiser
from service.db.engine import Sessions
from service.db.queries.events import events_after
from service.errors import Conflict, InvalidValue, NotFound
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.scans.tiles import Stores
from service.training import progress, trainings
from service.training.networks import ARCHITECTURES, OPTIMIZERS
from service.training.schemas import NewTraining
from tests.scans.chip import MODEL
from tests.scans.training_queue import Waiting

OUTCOME = progress.Outcome("flakenet-training-1", {"figures": {}}, "0" * 64)


def ask(sessions: Sessions, **wanted) -> int:
    return trainings.start_training(sessions, Waiting(), NewTraining(**wanted), "ada").id


def epoch(number: int) -> dict[str, object]:
    return {
        "number": number,
        "epochs": 3,
        "training_loss": 0.5,
        "validation_loss": None,
        "f1": None,
        "took_s": 8.1,
        "left_s": 8.1 * (3 - number),
    }


def test_what_the_service_lets_through_is_what_models_can_build_and_train_with():
    assert ARCHITECTURES == NAMES
    assert Optimiser.__args__ == OPTIMIZERS


def test_a_training_goes_on_from_the_active_model_and_waits_in_the_queue(stores: Stores):
    queue = Waiting()
    made = trainings.start_training(stores.sessions, queue, NewTraining(note="November"), "ada")
    assert queue.ids == [made.id]
    assert (made.state, made.created_by, made.note) == ("queued", "ada", "November")
    assert made.config["base_model"] == MODEL
    assert trainings.get_training(stores.sessions, made.id) == made


def test_other_networks_and_scratch_begin_from_nothing(stores: Stores):
    for wanted in ({"architecture": "resnet50"}, {"base_model": "scratch"}):
        training = trainings.get_training(stores.sessions, ask(stores.sessions, **wanted))
        assert training.config["base_model"] is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"architecture": "resnet51"}, "resnet51"),
        ({"optimizer": "adamax"}, "adamax"),
        ({"epochs": 0}, "epochs is 0; it has to be from 1 to 200"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"seed": -1}, "seed"),
        ({"reviews": False}, "nothing to learn from"),
        ({"architecture": "vgg16", "base_model": MODEL}, "only flakenet can go on"),
        ({"note": " "}, "note is empty"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_is_wrong(stores: Stores, wanted, said):
    with pytest.raises(InvalidValue, match=said):
        ask(stores.sessions, **wanted)
    assert trainings.list_trainings(stores.sessions) == []


def test_a_rate_that_is_no_number_is_refused_before_anything_is_made_of_it():
    with pytest.raises(ValidationError, match="no finite number"):
        NewTraining(learning_rate=float("nan"))


def test_what_is_not_there_cannot_be_learned_from_or_gone_on_from(stores: Stores):
    with pytest.raises(NotFound, match="data set 7"):
        ask(stores.sessions, datasets=(7,))
    with pytest.raises(NotFound, match="model version 'x'"):
        ask(stores.sessions, base_model="x")


def test_epochs_are_kept_once_each_and_told_to_listeners(sessions: Sessions):
    training_id = ask(sessions)
    assert progress.begin_training(sessions, training_id).state == "running"
    for number in (1, 2, 2):
        assert progress.note_epoch(sessions, training_id, epoch(number))
    progress.finish_training(sessions, training_id, OUTCOME)
    done = trainings.get_training(sessions, training_id)
    assert [one.number for one in done.epochs] == [1, 2]
    assert (done.state, done.model_version, done.report) == (
        "done",
        "flakenet-training-1",
        f"/v1/trainings/{training_id}/report",
    )
    with sessions() as session:
        told = [event.body for event in events_after(session, 0) if event.kind == "training"]
    states = ["queued", "running", "running", "running", "running", "done"]
    assert [body["state"] for body in told] == states
    assert told[3]["epoch"] == epoch(2)


def test_a_process_that_dies_again_and_again_is_given_up_unless_epochs_come(sessions: Sessions):
    training_id = ask(sessions)
    for _ in range(progress.MOST_STARTS):
        assert progress.begin_training(sessions, training_id)
    progress.note_epoch(sessions, training_id, epoch(1))
    for _ in range(progress.MOST_STARTS):
        assert progress.begin_training(sessions, training_id)
    assert progress.begin_training(sessions, training_id) is None
    failed = trainings.get_training(sessions, training_id)
    assert failed.state == "failed"
    assert "memory" in failed.reason


def test_what_was_cancelled_stays_so_whatever_its_process_says_later(sessions: Sessions):
    training_id = ask(sessions)
    progress.begin_training(sessions, training_id)
    assert not progress.is_cancelled(sessions, training_id)
    assert trainings.cancel_training(sessions, training_id).state == "cancelled"
    assert progress.is_cancelled(sessions, training_id)
    assert not progress.note_epoch(sessions, training_id, epoch(1))
    progress.finish_training(sessions, training_id, OUTCOME)
    progress.fail_training(sessions, training_id, "killed")
    assert progress.begin_training(sessions, training_id) is None
    assert trainings.cancel_training(sessions, training_id).reason is None


def test_what_has_ended_cannot_be_cancelled(sessions: Sessions):
    training_id = ask(sessions)
    progress.begin_training(sessions, training_id)
    progress.fail_training(sessions, training_id, "No label.")
    with pytest.raises(Conflict, match="it is failed"):
        trainings.cancel_training(sessions, training_id)


def test_a_training_is_in_the_engines_queue_once_its_row_is_there(
    sessions: Sessions, database_url: str, tmp_path: Path
):
    migrate_jobs(database_url)
    queue = JobQueue(database_url)
    try:
        trainings.start_training(sessions, queue, NewTraining(), "ada")
        with pytest.raises(NotFound):
            trainings.start_training(sessions, queue, NewTraining(datasets=[7]), "ada")
        assert queue.depths.count(sessions)["train"] == (1, 0)
    finally:
        queue.close()
