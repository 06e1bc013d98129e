"""Looks on while a network is trained, and writes each epoch to the training's row."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from models.training.watch import Epoch
from service.db.engine import Sessions
from service.training.progress import note_epoch

# A database that restarts is back by then; if not, the process ends and is started again.
PATIENCE_S = 120.0
_PAUSE_S = 1.0

_Answer = TypeVar("_Answer")


class Cancelled(Exception):
    """Cancellation: nobody wants the training any more."""


class RowWatch:
    """Writes epochs; raises `Cancelled` where the training is not wanted any more."""

    def __init__(self, sessions: Sessions, training_id: int) -> None:
        self._sessions = sessions
        self._training_id = training_id

    def begin(self, done: int, steps: int) -> None:
        """Do nothing: the row holds the epochs that are behind it."""

    def step(self, number: int, loss: float) -> None:
        """Do nothing: a step is a tenth of a second."""

    def epoch(self, epoch: Epoch) -> None:
        """Write it down."""
        shown = {
            "number": epoch.number,
            "epochs": epoch.epochs,
            "training_loss": epoch.training_loss,
            "validation_loss": epoch.validation_loss,
            "f1": epoch.figures.get("f1"),
            "took_s": epoch.took_s,
            "left_s": epoch.left_s,
            "figures": asdict(epoch)["figures"],
        }
        if not patiently(lambda: note_epoch(self._sessions, self._training_id, shown)):
            raise Cancelled


def patiently(ask: Callable[[], _Answer], patience_s: float = PATIENCE_S) -> _Answer:
    """Retry a question until the database answers; raises `OperationalError` after so long."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return ask()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
