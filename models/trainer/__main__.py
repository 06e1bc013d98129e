"""`python -m models.trainer ID`: one training, in the process that the trainer starts for it."""

import argparse
import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import torch
from sqlalchemy.exc import OperationalError

from models.trainer.learn import Desk, learn
from models.trainer.supervise import TRAININGS
from models.trainer.watch import Cancelled, patiently
from service.errors import FlakescopeError
from service.processes.setup import open_stores, set_up_logs
from service.settings import Settings, read_settings
from service.training.progress import fail_training
from service.training.trainings import get_training

_log = logging.getLogger(__name__)

# Of the conventions for exit statuses: a passing fault, try again.
LATER = 75
AUTOGROUP = Path("/proc/self/autogroup")


def main() -> None:
    """Run one training; its row says how that ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("training", type=int)
    parser.add_argument("--threads", type=int, required=True)
    asked = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    _step_back(settings.training_nice)
    torch.set_num_threads(asked.threads)
    set_up_logs(settings)
    # Dozens of lines for each export.
    logging.getLogger("onnx_ir").setLevel(logging.WARNING)
    try:
        _run(settings, asked.training, asked.threads)
    except Cancelled:
        _log.info("Training %d was cancelled", asked.training)
    except OperationalError as error:
        _log.error("The database does not answer: %s", error.orig)
        sys.exit(LATER)


def _run(settings: Settings, training_id: int, threads: int) -> None:
    with open_stores(settings) as stores:
        run = settings.data_dir / TRAININGS / str(training_id)
        training = patiently(lambda: get_training(stores.sessions, training_id))
        try:
            learn(Desk(stores, run, threads), training)
        except (Cancelled, OperationalError):
            raise
        except Exception as error:  # the top of a worker: the row says why it ended
            reason = _reason(error)
            _log.exception("Training %d failed", training_id)
            patiently(lambda: fail_training(stores.sessions, training_id, reason))


def _step_back(nice: int) -> None:
    """Let screening go first, whether it was started from the same terminal or as another unit.

    The system gives a training what is left. On Windows its parent does it.
    """
    if not hasattr(os, "nice"):
        return
    os.nice(nice)
    # Between sessions niceness does not count, only that of their groups (sched(7), autogroup).
    # The trainer gave this process a session of its own: nobody else's is slowed.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            AUTOGROUP.write_text(str(nice), encoding="ascii")


def _reason(error: Exception) -> str:
    if isinstance(error, FlakescopeError):
        return str(error)
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return "There is not enough memory for this network: choose a smaller architecture."
    return f"The training failed in a way that nobody expected ({type(error).__name__}: {error})."


def _end_with_parent() -> None:
    # The trainer holds the other end and never writes: it is closed when the trainer ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(LATER)


if __name__ == "__main__":
    main()
