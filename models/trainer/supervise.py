"""Supervision: each training runs in a process of its own, which may die or be killed."""

import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from service.db.engine import Sessions
from service.training.progress import begin_training, is_cancelled

_log = logging.getLogger(__name__)

# So long a cancelled training goes on at most.
_LOOK_S = 0.5
# A fault that passes: a database that restarts, a file that another program holds.
_AGAIN_S = 2.0

# In the data folder; a folder for each training, by its number.
TRAININGS = "trainings"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Starts the processes of trainings.

    Attributes
    ----------
    command : callable
        The command that runs a training.
    folder : Path
        Where trainings keep what they go on from; what has ended leaves nothing there.
    """

    sessions: Sessions
    command: Callable[[int], list[str]]
    folder: Path
    environment: Mapping[str, str]

    def run(self, training_id: int) -> None:
        """Run a training until it has ended; a process that dies is started again, some times."""
        while self._ask(lambda: begin_training(self.sessions, training_id)) is not None:
            if self._watch(training_id) == 0:
                break
            time.sleep(_AGAIN_S)
        shutil.rmtree(self.folder / str(training_id), ignore_errors=True)

    def _watch(self, training_id: int) -> int:
        """Run the process to its end, or to the training's; its status, 0 where it was killed."""
        with subprocess.Popen(
            self.command(training_id),
            stdin=subprocess.PIPE,
            env=dict(self.environment),
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            # Linux shares the processor between sessions first: one of its own can step back.
            start_new_session=True,
        ) as process:
            _log.info("Training %d runs in process %d", training_id, process.pid)
            while True:
                try:
                    status = process.wait(_LOOK_S)
                except subprocess.TimeoutExpired:
                    if self._ask(lambda: is_cancelled(self.sessions, training_id)):
                        process.kill()
                        _log.info("Training %d was cancelled", training_id)
                        return 0
                else:
                    _log.info("The process of training %d ended: %d", training_id, status)
                    return status

    def _ask(self, question: Callable[[], _Answer]) -> _Answer:
        """Retry a question until the database answers: there is nothing else to do meanwhile."""
        while True:
            try:
                return question()
            except OperationalError as error:
                _log.warning("The database does not answer: %s", error.orig)
                time.sleep(_AGAIN_S)


def training_command(threads: int) -> Callable[[int], list[str]]:
    """Build the command of a training with so many threads."""
    return lambda training_id: [
        sys.executable,
        "-m",
        "models.trainer",
        str(training_id),
        "--threads",
        str(threads),
    ]
