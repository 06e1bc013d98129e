"""How often workers look for a live tile: often while a microscope sends, else seldom."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dbos import DBOS, DBOSClient

from service.jobs.names import LIVE

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
