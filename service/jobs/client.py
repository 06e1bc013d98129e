"""Enqueue and cancel jobs, and tell how many wait."""

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.db.engine import Sessions
from service.jobs.database import connectable, schema_of
from service.jobs.names import (
    APPLICATION,
    BATCH,
    JOBS_VERSION,
    LIVE,
    QUEUES,
    RUN_SCAN,
    SCANS,
    SCREEN_CHUNK,
    SCREEN_TILE,
    TRAIN,
    TRAIN_NETWORK,
    chunk_id,
    chunks_of,
    run_id,
    run_id_of,
    tile_job,
    tile_of_job,
    training_job,
)
from service.scans.queue import Chunk, Run

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions


class Depths:
    """Counts jobs by queue; asks once where the engine keeps them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._query: str | None = None

    def count(self, sessions: Sessions) -> dict[str, tuple[int, int]]:
        """Jobs that wait and jobs that run, by queue; every queue is there."""
        counts = dict.fromkeys(QUEUES, (0, 0))
        with sessions() as session:
            for queue, waiting, running in session.execute(text(self._sql())):
                counts[queue] = (waiting, running)
        return counts

    def _sql(self) -> str:
        if self._query is None:
            schema = "" if self._url.startswith("sqlite") else f'"{schema_of(self._url)}".'
            # The engine's own client can only list, and a queue may hold thousands.
            self._query = (
                "SELECT queue_name, "
                "sum(CASE WHEN status = 'PENDING' THEN 0 ELSE 1 END), "
                "sum(CASE WHEN status = 'PENDING' THEN 1 ELSE 0 END) "
                f"FROM {schema}workflow_status "
                "WHERE status IN ('ENQUEUED', 'DELAYED', 'PENDING') AND queue_name IS NOT NULL "
                "GROUP BY queue_name"
            )
        return self._query


ALIVE = ["ENQUEUED", "PENDING", "DELAYED"]


class JobQueue:
    """`Queue` and `TrainingQueue` of `service.scans` on the engine; connects when first used."""

    def __init__(self, url: str) -> None:
        self._url = url

    def add_tile(self, session: Session, chunk: Chunk) -> None:
        """Screen a tile that came by itself, before all scans."""
        options = _options(SCREEN_TILE, LIVE, tile_job(chunk.tile_ids[0]))
        self._add(session, options, *_chunk_arguments(chunk))

    def add_run(self, session: Session, run: Run) -> None:
        """Bring a scan in, or screen what waits of it."""
        options = _options(RUN_SCAN, SCANS, run_id(run))
        self._add(session, options, run.scan_id, run.number, run.path, run.model_version)

    def add_chunk(self, session: Session, run: Run, number: int, chunk: Chunk) -> None:
        """Screen some tiles of a run; the same number again adds nothing."""
        options = _options(SCREEN_CHUNK, BATCH, chunk_id(run, number))
        self._add(session, options, *_chunk_arguments(chunk))

    def add_training(self, session: Session, training_id: int) -> None:
        """Run a training, after all before it."""
        self._add(session, _options(TRAIN_NETWORK, TRAIN, training_job(training_id)), training_id)

    def tiles_alone(self) -> set[int]:
        """Tiles that jobs of their own have yet to screen; not part of any transaction."""
        jobs = self.client.list_workflows(
            name=SCREEN_TILE, status=list(ALIVE), load_input=False, load_output=False
        )
        return {tile_of_job(job.workflow_id) for job in jobs}

    def cancel_run(self, scan_id: int, number: int) -> str | None:
        """Forget what waits of a run; not part of any transaction. Gives the run's path."""
        job_id = run_id_of(scan_id, number)
        runs = self.client.list_workflows(workflow_ids=[job_id], load_output=False)
        if not runs:
            return None
        chunks = self.client.list_workflows(
            workflow_id_prefix=chunks_of(job_id),
            status=list(ALIVE),
            load_input=False,
            load_output=False,
        )
        self.client.cancel_workflows([job_id, *(chunk.workflow_id for chunk in chunks)])
        path: str | None = runs[0].input["args"][2] if runs[0].input else None
        return path

    @cached_property
    def client(self) -> "DBOSClient":
        """Connect the engine's own client."""
        # The engine takes long to load: a service answers first.
        from dbos import DBOSClient  # noqa: PLC0415

        from service.jobs.codec import JsonCodec  # noqa: PLC0415

        return DBOSClient(
            system_database_url=connectable(self._url),
            dbos_system_schema=schema_of(self._url),
            serializer=JsonCodec(),
            application_name=APPLICATION,
            lazy=True,
            # A database that is away is the caller's error now, not a request that hangs.
            retry_connection_errors=False,
        )

    @cached_property
    def depths(self) -> Depths:
        """Open the view of how much waits in it."""
        return Depths(self._url)

    def close(self) -> None:
        """Let go of the connections."""
        if "client" in self.__dict__:
            self.client.destroy()

    def _add(self, session: Session, options: "EnqueueOptions", *arguments: object) -> None:
        # Whoever waits for the lock of the tables must not see what this transaction has yet
        # to write.
        session.flush()
        self.client.enqueue_in_transaction(session, options, *arguments)


def _options(workflow: str, queue: str, job_id: str) -> "EnqueueOptions":
    return {
        "workflow_name": workflow,
        "queue_name": queue,
        "workflow_id": job_id,
        "app_version": JOBS_VERSION,
    }


def _chunk_arguments(chunk: Chunk) -> tuple[object, ...]:
    return chunk.scan_id, chunk.run, list(chunk.tile_ids), chunk.model_version
