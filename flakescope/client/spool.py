"""The spool: a folder where tiles wait until the service has them, also beyond this program."""

import itertools
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from flakescope.client.letter import Letter, write_letter
from flakescope.client.lock import FileLock

_log = logging.getLogger(__name__)

_WAITING, _REFUSED = ".tile", ".refused"


class Spool:
    """A folder of this process, beside those of others that send to the same service.

    Parameters
    ----------
    folder : Path
        Of all services and programs.
    url : str
        The service.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder / re.sub(r"[^A-Za-z0-9.]+", "-", url)
        self._numbers = itertools.count(1)
        self._own, self._lock = _new_folder(self._folder)

    def put(self, letter: Letter) -> Path:
        """Write a tile; raises `OSError` where the disk is full or away."""
        path = self._own / f"{next(self._numbers):09d}{_WAITING}"
        write_letter(letter, path)
        return path

    def take_over(self) -> Iterator[Path]:
        """Tiles that programs which ended have left, oldest first; they are this process's now."""
        for folder in sorted(self._folder.iterdir()):
            lock = FileLock(folder / "lock")
            # One that is held is of a program that runs.
            if folder == self._own or not folder.is_dir() or not lock.take():
                continue
            for path in sorted(folder.glob(f"*{_WAITING}")):
                own = self._own / f"{next(self._numbers):09d}{_WAITING}"
                path.replace(own)
                yield own
            for path in folder.glob("*.tmp"):
                path.unlink(missing_ok=True)
            lock.release()
            _remove_if_empty(folder)

    def close(self) -> None:
        """Leave the folder to whoever comes next; it goes where nothing is left in it."""
        self._lock.release()
        _remove_if_empty(self._own)


def set_aside(path: Path) -> Path:
    """Keep a tile that was refused, under a name that is not sent again."""
    refused = path.with_suffix(_REFUSED)
    try:
        path.replace(refused)
    except OSError as error:
        _log.warning("%s stays in the spool: %s", path, error)
        return path
    return refused


def _new_folder(folder: Path) -> tuple[Path, FileLock]:
    while True:
        own = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{uuid4().hex[:8]}"
        lock = FileLock(own / "lock")
        # Who looks for tiles that were left may have been faster: then it takes this one away.
        if lock.take():
            return own, lock


def _remove_if_empty(folder: Path) -> None:
    if any(path.name != "lock" for path in folder.iterdir()):
        return
    # Another process may be looking into it just now: then it is that one's to remove.
    with suppress(OSError):
        (folder / "lock").unlink(missing_ok=True)
        folder.rmdir()
