"""Know which workers live: identity, heartbeat, and take-over of the work of dead ones."""

import logging
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from flakescope.client.lock import FileLock
from service.db.engine import Sessions, writing
from service.db.tables import Worker
from service.errors import Conflict
from service.jobs.names import BATCH, TRAINER

if TYPE_CHECKING:
    from dbos import DBOSClient


_log = logging.getLogger(__name__)

# Seven beats: a slow answer of the database is no death, nor is a machine with far more to do than
# it can, on which living workers were seen to take each other's work after eight seconds.
DEAD_AFTER_S = 15.0


@dataclass(slots=True)
class Watch:
    """Whose sign stays the same while this process looks on.

    Not by the time of day: whatever a clock jumps, and after an outage of the database, which
    kept everyone from showing a sign, nobody is dead who still beats.

    Attributes
    ----------
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    clock: Callable[[], float] = time.monotonic
    _first_s: dict[tuple[str, datetime], float] = field(default_factory=dict)

    def dead(self, signs: Mapping[str, datetime]) -> dict[str, datetime]:
        """Find the signs that have been seen for too long."""
        now_s = self.clock()
        self._first_s = {sign: self._first_s.get(sign, now_s) for sign in signs.items()}
        return {name: at for (name, at), s in self._first_s.items() if now_s - s > DEAD_AFTER_S}

    def forget(self) -> None:
        """Nothing could be seen for a while: count anew."""
        self._first_s.clear()


def take_over(sessions: Sessions, client: "DBOSClient", dead: Mapping[str, datetime]) -> list[str]:
    """Give the jobs of dead workers back to their queues; the names of those workers.

    `dead`: their last signs. The row lock lets one worker do it. One that was only frozen, and
    wakes, finds that its jobs are another's: the engine refuses its results, and ours are unique.
    """
    with writing(sessions) as session:
        query = select(Worker).where(Worker.name.in_(dead)).with_for_update(skip_locked=True)
        found = [one for one in session.scalars(query) if one.seen_at == dead[one.name]]
        names = [one.name for one in found]
        for name in names:
            _give_back(client, name)
        session.execute(delete(Worker).where(Worker.name.in_(names)))
    return names


def _give_back(client: "DBOSClient", name: str) -> None:
    jobs: dict[str, list[str]] = defaultdict(list)
    for job in client.list_workflows(
        status="PENDING", executor_id=name, load_input=False, load_output=False
    ):
        jobs[job.queue_name or BATCH].append(job.workflow_id)
    for queue, ids in jobs.items():
        _log.warning("Worker %s is dead: %d jobs of it go back to %r", name, len(ids), queue)
        client.resume_workflows(ids, queue_name=queue)


BEAT_S = 2.0


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
    client: "DBOSClient"
    name: str
    is_shared: bool
    sign: Path | None = None
    others: Watch = field(default_factory=Watch)

    def run(self, stop: threading.Event) -> None:
        """Beat, and look after the others, until `stop`."""
        while True:
            try:
                self.beat()
                if self.is_shared:
                    self.look_after_others()
            except Exception as error:  # the top of a thread: the database is back later
                _log.error("No heartbeat: %s", error)
                self.others.forget()
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

    def look_after_others(self) -> None:
        """Give back what dead workers left."""
        with self.sessions() as session:
            signs = dict(session.execute(select(Worker.name, Worker.seen_at)).tuples().all())
        if dead := self.others.dead(signs):
            take_over(self.sessions, self.client, dead)


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of life: workers alive, and the age of the last sign of any; None = there was none."""

    alive: int
    last_seen_s: float | None


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """A process that runs jobs, and how long ago it gave its last sign of life."""

    name: str
    is_trainer: bool
    seen_s: float

    @property
    def is_alive(self) -> bool:
        """Tell whether the last sign of life is not long ago."""
        return self.seen_s <= DEAD_AFTER_S


def list_workers(session: Session) -> list[SignOfLife]:
    """List every process that was seen, by name and by the clock of the database."""
    now = _aware(session.execute(select(func.now())).scalar_one())
    return [
        # A beat of this very moment is not in the future.
        SignOfLife(
            row.name, row.name.startswith(TRAINER), max(0.0, (now - row.seen_at).total_seconds())
        )
        for row in session.scalars(select(Worker).order_by(Worker.name))
    ]


def signs_of(workers: Sequence[SignOfLife], *, trainers: bool = False) -> Signs:
    """Sum up the signs of life of workers, or of trainers."""
    ages_s = [one.seen_s for one in workers if one.is_trainer == trainers]
    return Signs(sum(age_s <= DEAD_AFTER_S for age_s in ages_s), min(ages_s, default=None))


def look_for_workers(session: Session, *, trainers: bool = False) -> Signs:
    """Signs of life of those that screen, or of trainers, by the clock of the database."""
    return signs_of(list_workers(session), trainers=trainers)


def _aware(moment: datetime) -> datetime:
    # SQLite tells its time, which is UTC, without saying so.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# On SQLite one worker runs at a time: its one name needs no host in it.
EMBEDDED = "local"

# The worker before may still be ending: it sees the end of its parent, then finishes its tiles.
_PATIENCE_S = 30.0

# More workers than any computer has use for.
_MOST_ON_A_HOST = 256


@dataclass(frozen=True, slots=True)
class Identity:
    """A name, and the lock that makes it this process's own."""

    name: str
    lock: FileLock


def take_identity(folder: Path, *, alone: bool, patience_s: float = _PATIENCE_S) -> Identity:
    """Lock the only worker's name, or the first free one of this host, by a file in `folder`.

    Raises
    ------
    Conflict
        Another worker runs on the same SQLite file.
    """
    if alone:
        lock = FileLock(folder / f"{EMBEDDED}.lock")
        if not lock.take(patience_s):
            raise Conflict(
                "Another worker runs on this SQLite file, and only one may: "
                "use PostgreSQL for more."
            )
        return Identity(EMBEDDED, lock)
    host = socket.gethostname()
    for number in range(1, _MOST_ON_A_HOST + 1):
        lock = FileLock(folder / f"{host}-{number}.lock")
        if lock.take():
            return Identity(f"{host}-{number}", lock)
    raise Conflict(f"{_MOST_ON_A_HOST} workers run on {host} already.")
