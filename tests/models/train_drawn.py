"""Trains on drawn examples in a process of its own: `python -m tests.models.train_drawn RUN`."""

import os
import signal
import sys
from pathlib import Path

import torch

from models.augment import Jitter
from models.networks import build
from models.train import Around, Trained, train
from models.training.config import TrainConfig
from models.training.place import this_place
from models.training.watch import Epoch
from tests.models.drawn_examples import draw_examples

STILL = Jitter((1, 1), 0, vivid=0, offset=0, noise=0, blur=0, flips=False, turned=0, outline=0)
# Dropout, momentum, averages and patience: all that a checkpoint may forget.
RESUMED = TrainConfig(
    epochs=4, epoch_steps=4, batch=8, patience=3, ema_decay=0.8, sampling="balanced", threads=1
)
# Nothing that differs by process but the crops, so that two processes must add up to one.
SHARED = TrainConfig(
    epochs=2, epoch_steps=3, batch=8, ema_decay=0, sampling="balanced", threads=1, jitter=STILL
)


class Fatal:
    """Kills its own process, without any farewell, at a step."""

    def __init__(self, at_step: int) -> None:
        self._at_step = at_step

    def begin(self, done: int, steps: int) -> None: ...

    def epoch(self, epoch: Epoch) -> None: ...

    def step(self, number: int, loss: float) -> None:
        del loss
        if number == self._at_step:
            os.kill(os.getpid(), signal.SIGKILL)


def train_drawn(run: Path, config: TrainConfig, kill_at_step: int = 0) -> Trained:
    torch.manual_seed(config.seed)
    network = build("flakenet") if config is RESUMED else build("lenet5", dropout=0)
    with this_place() as place:
        around = Around(run, place, Fatal(kill_at_step))
        return train(network, draw_examples(24), config, draw_examples(16), around)


if __name__ == "__main__":
    together = "WORLD_SIZE" in os.environ
    train_drawn(Path(sys.argv[1]), SHARED if together else RESUMED, int(sys.argv[2]))
