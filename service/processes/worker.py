"""`flakescope worker`: runs jobs until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial

import cv2

from service.app import build_intake
from service.budget import Budget
from service.confined import Limits
from service.errors import FlakescopeError, InvalidValue
from service.formats.read_folder import read_folder, tile_bytes
from service.inference.onnx_classifier import OnnxClassifier
from service.intake.folder import bring_in
from service.intake.take_in import Reader
from service.jobs.alone import (
    BRINGING_IN_S,
    OUTAGE,
    answer_run,
    bring_in_alone,
    run_alone,
    screen_alone,
)
from service.jobs.client import JobQueue
from service.jobs.engine import Drain, WorkerPlan, working
from service.jobs.names import QUEUES, TRAIN
from service.jobs.screens import Classifiers, screen_with
from service.jobs.workers import take_identity
from service.jobs.workflows import Work
from service.processes.embedded import (
    BRING_IN,
    ONE_TILE,
    environment_of,
    wait_to_leave,
    worker_command,
)
from service.processes.setup import Unusable, migrate_database, open_stores, set_up_logs
from service.registry.following import choose_model
from service.scans.chunks import Means
from service.scans.tiles import Stores
from service.settings import Settings

_log = logging.getLogger(__name__)

# Many times what a tile takes; who stops a worker waits no longer, and what then runs is run again.
_DRAIN_S = 8.0


def queues_of(listed: str) -> list[str]:
    """Parse a list of queues with commas; raises `InvalidValue` where one is unknown."""
    queues = [name.strip() for name in listed.split(",") if name.strip()]
    if TRAIN in queues:
        raise InvalidValue("Trainings are for `flakescope trainer`, which has PyTorch.")
    if unknown := set(queues) - set(QUEUES):
        raise InvalidValue(
            f"There is no queue {', '.join(sorted(unknown))}; there are {', '.join(QUEUES)}."
        )
    return queues


def run_worker(settings: Settings, listen: Sequence[str], *, embedded: bool) -> None:
    """Run jobs until the process is told to stop; embedded, until its parent ends.

    Raises
    ------
    Conflict
        Another worker runs on the same SQLite file.
    Unusable
        The database or the data folder cannot be used.
    """
    _set_up(settings)
    stop = threading.Event()
    _stop_by_signal(stop, embedded=embedded)
    if embedded:
        threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    is_sqlite = settings.url.startswith("sqlite")
    # Held by this variable until the process ends.
    identity = take_identity(settings.data_dir / "workers", alone=is_sqlite)
    drain = Drain()
    with open_stores(settings) as stores:
        queue = JobQueue(settings.url)
        work = Work(
            stores=stores,
            queue=queue,
            bring_in=partial(
                bring_in_alone,
                worker_command(BRING_IN),
                environment_of(settings),
                Limits(settings.child_bytes, BRINGING_IN_S),
                stores.sessions,
            ),
            intake=build_intake(settings),
            means_for=_means(settings, stores, _classifiers(settings, stores), drain),
        )
        plan = WorkerPlan(
            settings.url,
            identity.name,
            listen,
            settings.workers,
            is_shared=not is_sqlite,
            sign=settings.alive_file,
        )
        with working(plan, work, queue, stores.sessions):
            _log.info("Worker %s listens to %s", identity.name, ", ".join(listen))
            wait_to_leave(stop)
            drain.end(_DRAIN_S)
            # Jobs that were let in nowhere wait in threads that no end of the program would end.
            logging.shutdown()
            os._exit(0)


def screen_one_tile(settings: Settings) -> None:
    """Screen the tile that standard input names; whatever it does to this process."""
    try:
        _set_up(settings)
    except Unusable as error:
        # The worker that asks was well a moment ago: no fault of the tile.
        _log.warning("%s", error)
        sys.exit(OUTAGE)
    with open_stores(settings) as stores:
        drain = Drain()
        classifiers = Classifiers(stores, partial(_open, settings))
        screen_alone(_means(settings, stores, classifiers, drain))


def bring_in_one_run(settings: Settings) -> None:
    """Bring in the run that standard input names; whatever it does to this process."""
    set_up_logs(settings)
    cv2.setNumThreads(1)
    queue, intake = JobQueue(settings.url), build_intake(settings)
    reader = Reader(read_folder, tile_bytes)
    with open_stores(settings) as stores:
        answer_run(lambda run: bring_in(stores, queue, run, reader, intake))
        # The engine's client has threads that no end of the program would end.
        logging.shutdown()
        os._exit(0)


def _set_up(settings: Settings) -> None:
    set_up_logs(settings)
    # Several tiles are screened at once: each gets one core.
    cv2.setNumThreads(1)
    migrate_database(settings)


def _classifiers(settings: Settings, stores: Stores) -> Classifiers:
    """Model versions by name; at the start the active one is made sure of."""
    try:
        choose_model(stores, settings)
    except FlakescopeError as error:
        # Scans can still be brought in, and screened once there is a model.
        _log.error("Nothing can be screened: %s", error)
    return Classifiers(stores, partial(_open, settings))


def _open(settings: Settings, content: bytes) -> OnnxClassifier:
    return OnnxClassifier(content, threads=settings.threads, wish=settings.provider)


def _means(
    settings: Settings, stores: Stores, classifiers: Classifiers, drain: Drain
) -> Callable[[str | None], Means]:
    # One for all chunks of this process.
    pixels = Budget(settings.pixels_in_flight)

    def means_for(version: str | None) -> Means:
        return Means(
            stores=stores,
            screen=screen_with(classifiers.of(version), settings.largest_pixels, pixels),
            alone=partial(run_alone, worker_command(ONE_TILE), environment_of(settings)),
            tile=drain.tile,
        )

    return means_for


def _stop_by_signal(stop: threading.Event, *, embedded: bool) -> None:
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # Ctrl-C reaches the whole group of processes: the parent decides when its worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN if embedded else lambda *_: stop.set())


def _stop_with_parent(stop: threading.Event) -> None:
    # The parent holds the other end and never writes: it is closed when the parent ends, however
    # that comes, on every system.
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()
