"""Take over: what a worker left that died for good goes back to the queues, on PostgreSQL.

The engine itself gives a job back only to a worker of the same name. A machine that never comes
back would keep its jobs for ever.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from service.db.engine import Sessions, writing
from service.db.tables import Worker
from service.jobs.names import BATCH

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
        """Those of the signs that have been seen for too long."""
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
