"""Cleaning: records of finished jobs go after a day, and what nobody will unpack any more."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOSClient

from service.intake.folder import Intake
from service.jobs.client import ALIVE
from service.jobs.names import RUN_SCAN, SCREEN_TILE, TRAIN_NETWORK, chunks_of

_log = logging.getLogger(__name__)

_EVERY_S = 24 * 3600.0
KEPT = timedelta(days=1)

# So many records go in one transaction: a fraction of a second.
_AT_ONCE = 500

_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The cleaning of one worker; several do no harm to each other."""

    client: DBOSClient
    intake: Intake

    def run(self, stop: threading.Event) -> None:
        """Clean at the start and every day, until `stop`."""
        while True:
            try:
                self.intake.discard_forgotten(waiting_paths(self.client))
                clean(self.client, datetime.now(UTC) - KEPT)
            except Exception:  # the top of a thread: tomorrow is another day
                _log.exception("Finished jobs could not be deleted")
            if stop.wait(_EVERY_S):
                return


def waiting_paths(client: DBOSClient) -> set[Path]:
    """List the paths that unfinished runs read: no clock that jumps makes one forgotten."""
    runs = client.list_workflows(name=RUN_SCAN, status=list(ALIVE), load_output=False)
    paths = (run.input["args"][2] for run in runs if run.input)
    return {Path(path) for path in paths if path}


def clean(client: DBOSClient, before: datetime) -> None:
    """Delete the records of runs, single tiles and trainings that ended before a moment.

    Chunks go with their run, never earlier: the run asks for the result of each.
    """
    while True:
        ended = client.list_workflows(
            name=[RUN_SCAN, SCREEN_TILE, TRAIN_NETWORK],
            status=list(_ENDED),
            completed_before=before.isoformat(),
            limit=_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if not ended:
            return
        for job in ended:
            if job.name == RUN_SCAN:
                _delete_chunks(client, job.workflow_id)
        client.delete_workflows([job.workflow_id for job in ended])


def _delete_chunks(client: DBOSClient, job_id: str) -> None:
    while chunks := client.list_workflows(
        workflow_id_prefix=chunks_of(job_id), limit=_AT_ONCE, load_input=False, load_output=False
    ):
        client.delete_workflows([chunk.workflow_id for chunk in chunks])
