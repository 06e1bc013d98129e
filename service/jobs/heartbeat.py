"""Heartbeat: workers on PostgreSQL show that they live, and take over what a dead one left.

The engine itself gives a job back only to a worker of the same name. A machine that never comes
back would keep its jobs for ever.
"""

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from dbos import DBOSClient
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.db.engine import Sessions, writing
from service.db.tables import Worker
from service.jobs.names import BATCH

_log = logging.getLogger(__name__)

BEAT_S = 2.0

# Four beats: a slow answer of the database is no death.
DEAD_AFTER_S = 8.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One worker's sign of life, by the clock of the database: those of machines differ."""

    sessions: Sessions
    client: DBOSClient
    name: str

    def run(self, stop: threading.Event) -> None:
        """Beat, and look after the others, until `stop`."""
        while True:
            try:
                self.beat()
                take_over(self.sessions, self.client)
            except Exception:  # the top of a thread: a database that was away is back later
                _log.exception("No heartbeat")
            if stop.wait(BEAT_S):
                return

    def beat(self) -> None:
        """Say that this worker lives."""
        with writing(self.sessions) as session:
            row = insert(Worker).values(name=self.name, seen_at=func.now())
            session.execute(
                row.on_conflict_do_update(
                    index_elements=[Worker.name], set_={"seen_at": func.now()}
                )
            )


def take_over(sessions: Sessions, client: DBOSClient) -> list[str]:
    """Give the jobs of dead workers back to their queues; the names of those workers.

    The row lock lets one worker do it. One that was only frozen, and wakes, finds that its jobs
    are another's: the engine refuses its results, and ours are unique.
    """
    with writing(sessions) as session:
        dead = _dead(session)
        for name in dead:
            _give_back(client, name)
        session.execute(delete(Worker).where(Worker.name.in_(dead)))
    return dead


def _dead(session: Session) -> list[str]:
    last = func.now() - timedelta(seconds=DEAD_AFTER_S)
    query = select(Worker.name).where(Worker.seen_at < last).with_for_update(skip_locked=True)
    return list(session.scalars(query))


def _give_back(client: DBOSClient, name: str) -> None:
    jobs: dict[str, list[str]] = defaultdict(list)
    for job in client.list_workflows(
        status="PENDING", executor_id=name, load_input=False, load_output=False
    ):
        jobs[job.queue_name or BATCH].append(job.workflow_id)
    for queue, ids in jobs.items():
        _log.warning("Worker %s is dead: %d jobs of it go back to %r", name, len(ids), queue)
        client.resume_workflows(ids, queue_name=queue)
