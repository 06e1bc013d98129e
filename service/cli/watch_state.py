"""What a watched folder's tiles came to, in a file: lines are only added, so a kill costs one.

Before a tile is sent, its line says how: after a kill it is sent in exactly the same words, and
the service answers that it has it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from flakescope.client.lock import FileLock
from service.processes.setup import Unusable


class TilePosition(TypedDict, total=False):
    """A tile's stage position, in the client's words; unknown is left out."""

    name: str
    x_um: float
    y_um: float
    z_um: float
    row: int
    col: int
    um_per_px: float


@dataclass(frozen=True, slots=True)
class FileMark:
    """By which a file is known to be as it was: size, and time of the last change."""

    size_bytes: int
    changed_ns: int


class WatchState:
    """The state of one folder and one service; one process holds it at a time.

    Parameters
    ----------
    again : bool
        Forget what is there.

    Attributes
    ----------
    source : str or None
        By which the service knows the scan.
    scan_id : int or None
        None before there is one.
    sent : set of str
        Tiles that the service has.
    begun : dict
        Tiles that were to be sent and may be there: as what.
    refused : dict
        Tiles that the service refused, and how their files were then.
    """

    def __init__(self, path: Path, *, again: bool = False) -> None:
        self.source: str | None = None
        self.scan_id: int | None = None
        self.sent: set[str] = set()
        self.begun: dict[str, TilePosition] = {}
        self.refused: dict[str, FileMark] = {}
        self._lock = FileLock(path.with_suffix(".lock"))
        if not self._lock.take():
            raise Unusable(f"This folder is being watched already: {path} is in use.")
        if again:
            path.unlink(missing_ok=True)
        for record in _records(path):
            self._read(record)
        # A line that a kill cut must not be continued by the next one.
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n")

    def set_scan(self, source: str, scan_id: int | None) -> None:
        """Remember the scan: its source before it is made, its number after."""
        self._write({"source": source, "scan_id": scan_id})

    def begin(self, key: str, place: TilePosition) -> None:
        """Remember that a tile is being sent, and as what."""
        self._write({"begun": key, "place": place})

    def note_sent(self, key: str) -> None:
        """Remember that the service has a tile."""
        self._write({"sent": key})

    def note_refused(self, key: str, mark: FileMark) -> None:
        """Remember that the service refused a tile whose file was like this."""
        self._write({"refused": key, "size": mark.size_bytes, "changed": mark.changed_ns})

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()
        self._lock.release()

    def _write(self, record: dict[str, Any]) -> None:
        self._read(record)
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    def _read(self, record: Mapping[str, Any]) -> None:
        if "source" in record:
            self.source, self.scan_id = record["source"], record["scan_id"]
        elif "begun" in record:
            self.begun[record["begun"]] = record["place"]
            self.refused.pop(record["begun"], None)
        elif "sent" in record:
            self.sent.add(record["sent"])
            self.begun.pop(record["sent"], None)
        elif "refused" in record:
            self.refused[record["refused"]] = FileMark(record["size"], record["changed"])
            self.begun.pop(record["refused"], None)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(json.JSONDecodeError):
                record = json.loads(line)
                if isinstance(record, dict):
                    yield record
