"""Trainings on the command line, against a service that runs."""

from pathlib import Path

from service.settings import Settings
from service.training import progress
from tests.api.serving import serving
from tests.cli.conftest import Run

EPOCH = {
    "number": 1,
    "epochs": 6,
    "training_loss": 0.25,
    "validation_loss": 0.5,
    "f1": None,
    "took_s": 2.0,
    "left_s": 10.0,
}


def test_a_training_is_asked_for_followed_and_cancelled(run: Run, tmp_path: Path, tiny_model: Path):
    with serving(Settings(data_dir=tmp_path, model=tiny_model)) as service:
        sessions = service.parts.stores.sessions
        url = ("--url", str(service.http.base_url))
        asked = run("training", "start", "--no-wait", "--note", "November", *url)
        assert "training 1: queued, epoch 0 of 6" in asked.stdout
        assert "start one with `flakescope trainer`" in asked.stdout
        assert run("training", "cancel", 1, *url).stdout.startswith("training 1: cancelled")

        run("training", "start", "--no-wait", "--epochs", 9, *url)
        progress.begin_training(sessions, 2)
        progress.note_epoch(sessions, 2, EPOCH)
        progress.fail_training(sessions, 2, "There is no label to learn from.")
        followed = run("training", "status", 2, "--wait", *url)
        listed = run("training", "status", *url)
        refused = run("training", "start", "--architecture", "bert", *url)
    assert "epoch 1 of 6: loss 0.2500, validation 0.5000, F1 -, 10 s left" in followed.stdout
    assert "training 2: failed, epoch 1 of 9\n  There is no label" in followed.stdout
    assert followed.exit_code == 1
    assert listed.stdout.index("training 2") < listed.stdout.index("training 1")
    assert refused.exit_code == 1
    assert "bert" in refused.stderr
