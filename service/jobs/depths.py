"""How much waits in each queue."""

from sqlalchemy import text

from service.db.engine import Sessions
from service.jobs.database import schema_of
from service.jobs.names import QUEUES


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
