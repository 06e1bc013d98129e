"""What `flakescope trainer` does."""

import logging
import os
import signal
import threading

from models.trainer.supervise import TRAININGS, Supervisor, training_command
from service.jobs.client import JobQueue
from service.jobs.training import TrainerPlan, take_trainer_identity, training
from service.processes.embedded import environment_of, wait_to_leave
from service.processes.setup import migrate_database, open_stores, set_up_logs
from service.settings import Settings

_log = logging.getLogger(__name__)


def run_trainer(settings: Settings, threads: int) -> None:
    """Run trainings until the process is told to stop; one that runs goes on at the next start.

    Raises
    ------
    Conflict
        Another trainer runs on the same SQLite file.
    Unusable
        The database or the data folder cannot be used.
    """
    set_up_logs(settings)
    migrate_database(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    is_sqlite = settings.url.startswith("sqlite")
    # Held by this variable until the process ends.
    identity = take_trainer_identity(settings.data_dir / "workers", alone=is_sqlite)
    plan = TrainerPlan(
        settings.url, identity.name, is_shared=not is_sqlite, sign=settings.alive_file
    )
    with open_stores(settings) as stores:
        supervisor = Supervisor(
            stores.sessions,
            training_command(threads),
            settings.data_dir / TRAININGS,
            # Also those libraries that ask no more than this.
            environment_of(settings) | {"OMP_NUM_THREADS": str(threads)},
        )
        with training(plan, supervisor.run, JobQueue(settings.url), stores.sessions):
            _log.info("Trainer %s takes trainings, %d threads", identity.name, threads)
            wait_to_leave(stop)
            # The process of a training ends with this one; its job must not look as if it had
            # ended, so nothing is undone here.
            logging.shutdown()
            os._exit(0)
