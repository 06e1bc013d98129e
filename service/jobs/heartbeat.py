"""Heartbeat: workers show that they live, and look after what a dead one left."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from service.db.engine import Sessions, writing
from service.db.tables import Worker
from service.jobs.names import TRAINER
from service.jobs.take_over import DEAD_AFTER_S, Watch, take_over

if TYPE_CHECKING:
    from dbos import DBOSClient

_log = logging.getLogger(__name__)

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
    """How many workers live, and how long ago the last sign of any was; None = there was none."""

    alive: int
    last_seen_s: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A process that runs jobs, and how long ago it gave its last sign of life."""

    name: str
    is_trainer: bool
    seen_s: float

    @property
    def is_alive(self) -> bool:
        """Whether that is not long ago."""
        return self.seen_s <= DEAD_AFTER_S


def list_workers(session: Session) -> list[Seen]:
    """Every process that was seen, by name and by the clock of the database."""
    now = _aware(session.execute(select(func.now())).scalar_one())
    return [
        # A beat of this very moment is not in the future.
        Seen(row.name, row.name.startswith(TRAINER), max(0.0, (now - row.seen_at).total_seconds()))
        for row in session.scalars(select(Worker).order_by(Worker.name))
    ]


def signs_of(workers: Sequence[Seen], *, trainers: bool = False) -> Signs:
    """What workers, or trainers, together show."""
    ages_s = [one.seen_s for one in workers if one.is_trainer == trainers]
    return Signs(sum(age_s <= DEAD_AFTER_S for age_s in ages_s), min(ages_s, default=None))


def look_for_workers(session: Session, *, trainers: bool = False) -> Signs:
    """Signs of life of those that screen, or of trainers, by the clock of the database."""
    return signs_of(list_workers(session), trainers=trainers)


def _aware(moment: datetime) -> datetime:
    # SQLite tells its time, which is UTC, without saying so.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
