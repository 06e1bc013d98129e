"""Alone: a tile that may end its process is screened in a process that may end."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from service.errors import Busy, Unavailable
from service.scans.chunks import PASSING, Means, screen_patiently
from service.scans.outage import is_outage
from service.scans.queue import Chunk

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
    """In that process: screen the one tile of the chunk on standard input."""
    given = json.load(sys.stdin)
    chunk = Chunk(**(given | {"tile_ids": tuple(given["tile_ids"])}))
    try:
        means = means_for(chunk.model_version)
        screen_patiently(means, chunk, chunk.tile_ids[0])
    except PASSING as error:
        _log.warning("Nothing can be screened now: %s", error)
        sys.exit(OUTAGE if is_outage(error) else _NOT_SET_UP)
