"""A lab with reviewed scans and the shipped model, and a real trainer beside it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.jobs.client import JobQueue
from service.registry.following import choose_model
from service.scans.tiles import Stores
from service.settings import Settings
from service.training.schemas import NewTraining, Training
from service.training.trainings import get_training, start_training
from tests.models.reviewed_scans import image, review, scan_with

# Of the left, the middle and the right flake of a tile.
LABELS = ("graphene", "not_graphene", "not_graphene")
ENDED = {"done", "failed", "cancelled"}
# On a busy computer two processes that begin with PyTorch take minutes: only a failure waits so
# long.
PATIENCE_S = 600


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@dataclass(frozen=True)
class Lab:
    settings: Settings
    stores: Stores
    queue: JobQueue

    def review_scans(self, scans: int, labels: tuple[str, str, str]) -> None:
        """Scans of one tile; its left, middle and right flake are said to be `labels`."""
        for seed in range(scans):
            for flake, label in zip(scan_with(self.stores, image(seed)), labels, strict=True):
                review(self.stores, flake, label)

    def ask(self, **wanted) -> int:
        new = NewTraining(**{"epochs": 2} | wanted)
        return start_training(self.stores.sessions, self.queue, new, "ada").id

    def look(self, training_id: int) -> Training:
        return get_training(self.stores.sessions, training_id)

    def wait_for_end(self, training_id: int) -> Training:
        wait_until(lambda: self.look(training_id).state in ENDED)
        return self.look(training_id)

    def with_shipped_model(self) -> None:
        choose_model(self.stores, self.settings)

    @contextmanager
    def trainer(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "models", "trainer", "--threads", "1"]
        options = ["--data-dir", str(self.settings.data_dir), "--database-url", self.settings.url]
        # Beside other tests a training that steps back would hardly go on.
        environment = os.environ | {"FLAKESCOPE_TRAINING_NICE": "0"}
        with subprocess.Popen([*command, *options], env=environment) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.wait()
