"""The real trainer, in its own process, on SQLite."""

import json
import os
import signal
import sys

import pytest

from service.db.queries.events import events_after
from service.registry.gate import PARITY
from service.registry.versions import active_model, get_model
from service.training.trainings import cancel_training, report_of
from tests.models.trainer.lab import LABELS, Lab, wait_until

pytestmark = pytest.mark.slow


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux does")
def test_a_killed_training_goes_on_and_its_model_is_registered_but_not_active(lab: Lab) -> None:
    lab.with_shipped_model()
    before = active_model(lab.stores.sessions)
    lab.review_scans(6, LABELS)
    first = lab.ask(epochs=3)
    with lab.trainer() as process:
        wait_until(lambda: len(lab.look(first).epochs) >= 1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    killed_at = len(lab.look(first).epochs)
    took_s = [epoch.took_s for epoch in lab.look(first).epochs]
    with lab.trainer():
        done = lab.wait_for_end(first)
        wait_until(lambda: not (lab.settings.data_dir / "trainings" / str(first)).exists())
    assert done.state == "done", done.reason
    assert [epoch.number for epoch in done.epochs] == [1, 2, 3]
    # What was trained before the kill was not trained again.
    assert [epoch.took_s for epoch in done.epochs][:killed_at] == took_s
    model = get_model(lab.stores.sessions, str(done.model_version))
    assert model.metrics[PARITY] <= 1e-4
    assert model.provenance["base_model"] == before.version
    assert model.data_digest == done.result["data_digest"]
    assert active_model(lab.stores.sessions) == before
    assert done.result["examples"]["lab_graphene"] + done.result["examples"]["lab_other"] < 18
    assert done.result["examples"]["held_out_groups"]
    assert set(done.result["figures"]) == set(done.result["before"]) == {"lab", "replay"}
    report = lab.stores.blobs.get(report_of(lab.stores.sessions, first))
    assert b"<svg" in report
    with lab.stores.sessions() as session:
        bodies = [event.body for event in events_after(session, 0) if event.kind == "training"]
    mine = [body for body in bodies if body["training_id"] == first]
    assert [body["state"] for body in mine][:2] == ["queued", "running"]
    assert mine[-1]["state"] == "done"
    json.dumps(done.result, allow_nan=False)


def test_a_cancelled_training_ends_at_once_and_the_next_begins(lab: Lab) -> None:
    lab.review_scans(2, LABELS)
    endless = lab.ask(epochs=200, base_model="scratch")
    with lab.trainer():
        wait_until(lambda: len(lab.look(endless).epochs) >= 1)
        next_one = lab.ask(epochs=1, base_model="scratch")
        assert lab.look(next_one).state == "queued"
        cancel_training(lab.stores.sessions, endless)
        # It runs, so the process of the cancelled one is gone: there is one at a time.
        wait_until(lambda: lab.look(next_one).state == "running")
        assert lab.look(endless).state == "cancelled"
    cancelled = lab.look(endless)
    assert cancelled.state == "cancelled"
    assert len(cancelled.epochs) < 200
    assert cancelled.model_version is None


def test_labels_without_graphene_fail_with_a_reason_in_words(any_lab: Lab) -> None:
    any_lab.with_shipped_model()
    any_lab.review_scans(2, ("not_graphene",) * 3)
    training = any_lab.ask()
    with any_lab.trainer():
        failed = any_lab.wait_for_end(training)
    assert failed.state == "failed"
    assert failed.reason.startswith("None of the 6 labelled flakes is graphene")
