"""The engine of one worker process, from its start to its end."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS, DBOSConfig

from service.db.engine import Sessions
from service.jobs.cleaning import Cleaning
from service.jobs.client import JobQueue
from service.jobs.codec import JsonCodec
from service.jobs.database import connectable, schema_of
from service.jobs.heartbeat import Heartbeat
from service.jobs.live_pace import SENDING_EVERY_S, LivePace
from service.jobs.names import APPLICATION, BATCH, JOBS_VERSION, LIVE, QUEUES, SCANS, TRAIN
from service.jobs.workflows import Work, register


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """How one worker works.

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
    """How a worker of this name runs the engine."""
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
