"""The engine of one trainer: it takes trainings from their queue, one after the other."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS

from flakescope.client.lock import FileLock
from service.db.engine import Sessions
from service.errors import Conflict
from service.jobs.client import JobQueue
from service.jobs.engine import config_of
from service.jobs.names import TRAIN, TRAIN_NETWORK, TRAINER
from service.jobs.workers import Heartbeat, Identity

# A trainer that was killed may leave its lock to the system for a moment.
_PATIENCE_S = 10.0

# More GPUs than any computer has.
_MOST_ON_A_HOST = 64


@dataclass(frozen=True, slots=True)
class TrainerPlan:
    """A trainer's plan: how it works; as `service.jobs.engine.WorkerPlan`."""

    url: str
    name: str
    is_shared: bool
    sign: Path | None = None


def take_trainer_identity(folder: Path, *, alone: bool) -> Identity:
    """Lock the name of the only trainer, or the first free one of this host.

    Raises
    ------
    Conflict
        Another trainer runs on the same SQLite file.
    """
    if alone:
        lock = FileLock(folder / f"{TRAINER}.lock")
        if lock.take(_PATIENCE_S):
            return Identity(TRAINER, lock)
        raise Conflict("Another trainer runs on this SQLite file, and only one may.")
    for number in range(1, _MOST_ON_A_HOST + 1):
        name = f"{TRAINER}-{socket.gethostname()}-{number}"
        lock = FileLock(folder / f"{name}.lock")
        if lock.take():
            return Identity(name, lock)
    raise Conflict(f"{_MOST_ON_A_HOST} trainers run on {socket.gethostname()} already.")


@contextmanager
def training(
    plan: TrainerPlan, run: Callable[[int], None], queue: JobQueue, sessions: Sessions
) -> Iterator[None]:
    """Run trainings until the end of the block; one that then runs is left for the next start.

    `run` gets the number of a training and returns when that has ended.
    """
    stop = threading.Event()
    heartbeat = Heartbeat(sessions, queue.client, plan.name, plan.is_shared, plan.sign)
    heartbeat.beat()
    beating = threading.Thread(target=heartbeat.run, args=(stop,), daemon=True)
    DBOS(config=config_of(plan.url, plan.name))
    try:
        _register(run)
        DBOS.listen_queues([TRAIN])
        DBOS.launch()
        DBOS.register_queue(
            TRAIN, worker_concurrency=1, polling_interval_sec=1.0, on_conflict="always_update"
        )
        beating.start()
        yield
    finally:
        stop.set()
        DBOS.destroy(destroy_registry=True)


def _register(run: Callable[[int], None]) -> None:
    # A training counts its own starts: the engine's limit is off.
    @DBOS.workflow(name=TRAIN_NETWORK, max_recovery_attempts=None)
    def train_network(training_id: int) -> None:
        step(training_id)

    @DBOS.step(name="train")
    def step(training_id: int) -> None:
        run(training_id)
