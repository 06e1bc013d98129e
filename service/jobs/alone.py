"""Alone: what may end its process, a tile or a run, is done in a process that may end."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from service.confined import Ended, Limits, answering, run_confined
from service.db.engine import Sessions
from service.errors import Busy, Unavailable
from service.scans.chunks import PASSING, Means, screen_patiently
from service.scans.outage import is_outage
from service.scans.queue import Chunk, Run
from service.scans.runs import finish

_log = logging.getLogger(__name__)

# Hundreds of times what a large tile takes on a slow computer.
_TIMEOUT_S = 600

# Of the conventions for exit statuses: an outage, and what a person has to set up.
OUTAGE, _NOT_SET_UP = 75, 78


def run_alone(command: Sequence[str], environment: Mapping[str, str], chunk: Chunk) -> str | None:
    """Run a command that gets the chunk on its standard input; what happened, None = all well.

    When this process dies the command goes on and its result counts: it is a result like any.

    Raises
    ------
    Unavailable
        The database, the store of images or the disk fails: wait.
    Busy
        No tile can be screened now, as no model serves.
    """
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asdict(chunk)).encode(),
            stdout=subprocess.DEVNULL,
            env=environment,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Screening it took more than {_TIMEOUT_S} s."
    if done.returncode == 0:
        return None
    if done.returncode == OUTAGE:
        raise Unavailable("The process of one tile met an outage; its log says which.")
    if done.returncode == _NOT_SET_UP:
        raise Busy("Nothing can be screened now.", retry_after_s=1)
    if done.returncode < 0:
        return f"Screening it ended its process (signal {-done.returncode})."
    return f"Screening it ended its process (status {done.returncode})."


def screen_alone(means_for: Callable[[str | None], Means]) -> None:
    """Screen, in that process, the one tile of the chunk on standard input."""
    given = json.load(sys.stdin)
    chunk = Chunk(**(given | {"tile_ids": tuple(given["tile_ids"])}))
    try:
        means = means_for(chunk.model_version)
        screen_patiently(means, chunk, chunk.tile_ids[0])
    except PASSING as error:
        _log.warning("Nothing can be screened now: %s", error)
        sys.exit(OUTAGE if is_outage(error) else _NOT_SET_UP)


# Most that a lab's share takes to give a quarter of a terabyte, and 100,000 tiles to be looked at.
BRINGING_IN_S = 12 * 3600.0
# Once may be a machine that had no memory left; twice is the folder.
_MOST_DEATHS = 2


def bring_in_alone(
    command: Sequence[str],
    environment: Mapping[str, str],
    limits: Limits,
    sessions: Sessions,
    run: Run,
) -> int | None:
    """Bring a run in by a command; how many chunks it makes, None where the run has failed by it.

    A process that dies of a run does so a second time; then the run fails alone, with the reason.

    Raises
    ------
    Unavailable
        The database, the store of images or the disk fails: wait.
    """
    reason = ""
    for _ in range(_MOST_DEATHS):
        try:
            answer = run_confined(command, json.dumps(asdict(run)).encode(), limits, environment)
        except Ended as error:
            reason = f"It could not be brought in. {error}"
            _log.error("Scan %d, run %d: %s", run.scan_id, run.number, reason)
            continue
        if answer["outage"] is not None:
            raise Unavailable(answer["outage"])
        chunks: int | None = answer["chunks"]
        return chunks
    finish(sessions, run, reason)
    return None


def answer_run(bring_in: Callable[[Run], int | None]) -> None:
    """In that process: bring in the run on standard input, and say how many chunks it makes."""

    def work(given: bytes) -> dict[str, Any]:
        try:
            return {"chunks": bring_in(Run(**json.loads(given))), "outage": None}
        except Exception as error:
            if not is_outage(error):
                raise
            # The first line: what follows is SQL.
            return {"chunks": None, "outage": str(error).partition("\n")[0]}

    answering(work)
