"""Run the job engine of one worker: queues, pace of the live queue, drain at the end."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSConfig

from service.db.engine import Sessions
from service.jobs.cleaning import Cleaning
from service.jobs.client import JobQueue
from service.jobs.codec import JsonCodec
from service.jobs.database import connectable, schema_of
from service.jobs.names import APPLICATION, BATCH, JOBS_VERSION, LIVE, QUEUES, SCANS, TRAIN
from service.jobs.workers import Heartbeat
from service.jobs.workflows import Work, register


class Drain:
    """Counts the tiles that are being screened."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._ending = False

    @contextmanager
    def tile(self) -> Iterator[None]:
        """Around each tile. Once the process is ending nobody gets in: the caller waits for ever.

        An error would tell the engine that the job failed; it has only not ended yet.
        """
        with self._changed:
            while self._ending:
                self._changed.wait()
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def end(self, patience_s: float) -> None:
        """Let nobody in any more, and wait for those inside, for so long."""
        with self._changed:
            self._ending = True
            self._changed.wait_for(lambda: self._running == 0, patience_s)


_log = logging.getLogger(__name__)

# A look every 0.05 s costs an idle worker about a tenth of a core, all day long.
SENDING_EVERY_S, RESTING_EVERY_S = 0.05, 0.5
# A microscope that stands still for so long, to focus or to change the chip, may wait once.
PAUSE = timedelta(minutes=1)


@dataclass(slots=True)
class LivePace:
    """Sets the pace of the live queue, which the engine keeps in the database, for all workers.

    Several may set it: all come to the same.
    """

    client: DBOSClient
    is_sending: bool = True

    def run(self, stop: threading.Event) -> None:
        """Look whether tiles come, until `stop`."""
        while not stop.wait(RESTING_EVERY_S):
            try:
                self.look(datetime.now(UTC))
            except Exception as error:  # the top of a thread: the database is back later
                _log.error("The pace of the live queue could not be set: %s", error)

    def look(self, now: datetime) -> None:
        """Set the pace that suits what came in the minute before `now`."""
        came = self.client.list_workflows(
            queue_name=LIVE,
            start_time=(now - PAUSE).isoformat(),
            limit=1,
            load_input=False,
            load_output=False,
        )
        if bool(came) == self.is_sending:
            return
        queue = DBOS.retrieve_queue(LIVE)
        if queue is not None:
            queue.set_polling_interval_sec(SENDING_EVERY_S if came else RESTING_EVERY_S)
            self.is_sending = bool(came)


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """A worker's plan: how it works.

    Attributes
    ----------
    name : str
        Stable over restarts, and of one living process only.
    slots : int
        Chunks that it screens at once.
    is_shared : bool
        Other workers may be there: they look after each other.
    sign : Path or None
        A file that is touched every two seconds while the worker and its database live.
    """

    url: str
    name: str
    listen: Sequence[str]
    slots: int
    is_shared: bool
    sign: Path | None = None


@contextmanager
def working(plan: WorkerPlan, work: Work, queue: JobQueue, sessions: Sessions) -> Iterator[None]:
    """Run jobs until the end of the block; what then runs is left for the next start."""
    stop = threading.Event()
    heartbeat = Heartbeat(sessions, queue.client, plan.name, plan.is_shared, plan.sign)
    # Before the first job: who dies with one must have been seen.
    heartbeat.beat()
    targets: list[Callable[[threading.Event], None]] = [
        Cleaning(queue.client, work.intake).run,
        heartbeat.run,
    ]
    DBOS(config=config_of(plan.url, plan.name))
    try:
        register(work)
        DBOS.listen_queues(plan.listen)
        DBOS.launch()
        _register_queues(plan)
        if LIVE in plan.listen:
            targets.append(LivePace(queue.client).run)
        threads = [threading.Thread(target=one, args=(stop,), daemon=True) for one in targets]
        for thread in threads:
            thread.start()
        yield
        stop.set()
        for thread in threads:
            thread.join(timeout=10)
    finally:
        stop.set()
        DBOS.destroy(destroy_registry=True)


def config_of(url: str, name: str) -> DBOSConfig:
    """Build the engine's configuration for a worker of this name."""
    return DBOSConfig(
        name=APPLICATION,
        system_database_url=connectable(url),
        dbos_system_schema=schema_of(url),
        executor_id=name,
        application_version=JOBS_VERSION,
        serializer=JsonCodec(),
        # Its INFO advertises a service of its makers.
        log_level="WARNING",
        enable_otlp=False,
    )


def _register_queues(plan: WorkerPlan) -> None:
    """Polling costs: only what a microscope waits for is looked at often, while it sends.

    No limit over all workers: on SQLite the engine does not keep it.
    """
    for name, slots, every_s in (
        (LIVE, 2, SENDING_EVERY_S),
        (BATCH, plan.slots, 0.25),
        # Runs only read files and wait; each takes a thread.
        (SCANS, 16, 0.5),
        (TRAIN, 1, 1.0),
    ):
        assert name in QUEUES
        DBOS.register_queue(
            name,
            worker_concurrency=slots,
            polling_interval_sec=every_s,
            on_conflict="always_update",
        )
