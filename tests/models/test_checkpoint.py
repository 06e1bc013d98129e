import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.networks import build
from models.train import Around, train
from models.training.checkpoint import CHECKPOINT, EPOCHS, read_weights, write_whole
from models.training.watch import Epoch
from service.errors import Conflict, InvalidValue
from tests.models.drawn_examples import draw_examples
from tests.models.train_drawn import RESUMED, SHARED, train_drawn

HERE = Path(__file__).parents[2]


def start(*command: str) -> int:
    return subprocess.run(
        [sys.executable, *command], cwd=HERE, check=False, capture_output=True
    ).returncode


def lines(run: Path) -> list[dict[str, object]]:
    written = (run / EPOCHS).read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if not k.endswith("_s")} for line in written]


def weights(run: Path, name: str) -> dict[str, torch.Tensor]:
    return read_weights(run / CHECKPOINT)[name]


def test_a_killed_training_goes_on_and_ends_exactly_as_one_that_was_not(tmp_path: Path) -> None:
    whole = train_drawn(tmp_path / "whole", RESUMED)
    killed = start("-m", "tests.models.train_drawn", str(tmp_path / "killed"), "10")
    assert killed == -signal.SIGKILL
    assert len(lines(tmp_path / "killed")) == 2  # step 10 is in the third epoch
    resumed = train_drawn(tmp_path / "killed", RESUMED)
    assert lines(tmp_path / "killed") == lines(tmp_path / "whole")
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    for part in ("network", "average"):
        for name, value in weights(tmp_path / "whole", part).items():
            assert torch.equal(value, weights(tmp_path / "killed", part)[name]), (part, name)


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    first = train_drawn(tmp_path, RESUMED)
    again = train_drawn(tmp_path, RESUMED)
    assert again.epochs == first.epochs


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    alone = train_drawn(tmp_path / "one", SHARED)
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")
    assert start(*torchrun, "-m", "tests.models.train_drawn", str(tmp_path / "two"), "0") == 0
    for name, value in alone.network.state_dict().items():
        assert torch.allclose(value, weights(tmp_path / "two", "network")[name], atol=1e-5), name
    for one, two in zip(lines(tmp_path / "one"), lines(tmp_path / "two"), strict=True):
        assert one["validation_loss"] == pytest.approx(two["validation_loss"], abs=1e-5)
        assert one["training_loss"] == pytest.approx(two["training_loss"], abs=1e-5)


def test_a_checkpoint_of_other_settings_or_examples_is_refused(tmp_path: Path) -> None:
    short = replace(SHARED, epochs=1, epoch_steps=1)
    train(build("lenet5"), draw_examples(8), short, around=Around(tmp_path))
    for config, n in ((replace(short, learning_rate=1.0), 8), (short, 16)):
        with pytest.raises(Conflict, match="other settings or other examples"):
            train(build("lenet5"), draw_examples(n), config, around=Around(tmp_path))


def test_a_damaged_checkpoint_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"PK torn")
    with pytest.raises(InvalidValue, match="cannot be read"):
        train(build("lenet5"), draw_examples(8), SHARED, around=Around(tmp_path))


def test_no_pickled_code_is_run(tmp_path: Path) -> None:
    torch.save({"belongs_to": Path("x"), "run": print}, tmp_path / CHECKPOINT)
    with pytest.raises(InvalidValue, match="cannot be read"):
        read_weights(tmp_path / CHECKPOINT)


def test_what_is_written_replaces_the_old_whole(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        write_whole(tmp_path / "a.pt", {"value": torch.tensor(value)})
    assert read_weights(tmp_path / "a.pt")["value"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


class Stop:
    """Raises after an epoch, as a cancelled training does."""

    def begin(self, done: int, steps: int) -> None:
        self.begun = done, steps

    def step(self, number: int, loss: float) -> None: ...

    def epoch(self, epoch: Epoch) -> None:
        del epoch
        raise KeyboardInterrupt


def test_a_watch_may_end_a_training_and_its_epoch_is_kept(tmp_path: Path) -> None:
    watch = Stop()
    with pytest.raises(KeyboardInterrupt):
        train(build("lenet5"), draw_examples(8), SHARED, around=Around(tmp_path, watch=watch))
    assert watch.begun == (0, SHARED.epochs * 3)
    assert [line["number"] for line in lines(tmp_path)] == [1]
