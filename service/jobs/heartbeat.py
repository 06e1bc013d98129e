"""Heartbeat: workers show that they live, and on PostgreSQL take over what a dead one left.

The engine itself gives a job back only to a worker of the same name. A machine that never comes
back would keep its jobs for ever.
"""

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOSClient
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from service.db.engine import Sessions, writing
from service.db.tables import Worker
from service.jobs.names import BATCH, TRAINER

_log = logging.getLogger(__name__)

BEAT_S = 2.0

# Four beats: a slow answer of the database is no death.
DEAD_AFTER_S = 8.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One worker's sign of life, by the clock of the database: those of machines differ.

    Attributes
    ----------
    is_shared : bool
        Other workers may be there: it looks after them.
    sign : Path or None
        A file that is touched at each beat, for who looks from outside.
    """

    sessions: Sessions
    client: DBOSClient
    name: str
    is_shared: bool
    sign: Path | None = None

    def run(self, stop: threading.Event) -> None:
        """Beat, and look after the others, until `stop`."""
        while True:
            try:
                self.beat()
                if self.is_shared:
                    take_over(self.sessions, self.client)
            except Exception:  # the top of a thread: a database that was away is back later
                _log.exception("No heartbeat")
            if stop.wait(BEAT_S):
                return

    def beat(self) -> None:
        """Say that this worker lives."""
        with writing(self.sessions) as session:
            mine = update(Worker).where(Worker.name == self.name).values(seen_at=func.now())
            if not session.execute(mine.returning(Worker.name)).all():
                session.execute(insert(Worker).values(name=self.name, seen_at=func.now()))
        if self.sign is not None:
            self.sign.touch()


@dataclass(frozen=True, slots=True)
class Signs:
    """How many workers live, and how long ago the last sign of any was; None = there was none."""

    alive: int
    last_seen_s: float | None


def look_for_workers(session: Session, *, trainers: bool = False) -> Signs:
    """Signs of life of those that screen, or of trainers, by the clock of the database."""
    now = _aware(session.execute(select(func.now())).scalar_one())
    is_trainer = Worker.name.startswith(TRAINER)
    query = select(Worker.seen_at).where(is_trainer if trainers else ~is_trainer)
    ages_s = [(now - seen_at).total_seconds() for seen_at in session.scalars(query)]
    return Signs(sum(age_s <= DEAD_AFTER_S for age_s in ages_s), min(ages_s, default=None))


def _aware(moment: datetime) -> datetime:
    # SQLite tells its time, which is UTC, without saying so.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
