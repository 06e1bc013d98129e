"""Count the labels of an archive in a process of its own: its annotations may take any memory.

`python -m service.training.counting` is that process.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from service.confined import Ended, Limits, answering, run_confined
from service.errors import FlakescopeError, InvalidArchive, InvalidValue
from service.training.dataset_kinds import Counted
from service.training.datasets import count_here

# A gigabyte of pictures is listed in seconds; annotations of 200 MiB take ten.
COUNTING_S = 120.0


def count_alone(limits: Limits, path: Path, group_by: str) -> Counted:
    """Count the labels of an archive.

    Raises
    ------
    InvalidValue, InvalidArchive
        It is of no known kind; or counting took more than the limits.
    """
    command = [sys.executable, "-m", "service.training.counting"]
    try:
        answer = run_confined(command, json.dumps([str(path), group_by]).encode(), limits)
    except Ended as error:
        raise InvalidValue(f"The labels could not be counted. {error}") from error
    if "archive" in answer:
        raise InvalidArchive(answer["archive"])
    if "value" in answer:
        raise InvalidValue(answer["value"])
    return Counted(**answer)


def _answer(given: bytes) -> dict[str, Any]:
    path, group_by = json.loads(given)
    try:
        return dataclasses.asdict(count_here(Path(path), group_by))
    except InvalidArchive as error:
        return {"archive": str(error)}
    except FlakescopeError as error:
        return {"value": str(error)}


if __name__ == "__main__":
    answering(_answer)
