"""Progress bars of what is sent and screened, on the terminal and only there."""

from collections.abc import Callable
from typing import IO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text


class TilesPerSecond(ProgressColumn):
    """How many tiles a second, of late."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing before it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} tiles/s")


def tiles_bar() -> Progress:
    """A bar that counts tiles."""
    return _bar(BarColumn(), MofNCompleteColumn(), TilesPerSecond(), TimeRemainingColumn())


def bytes_bar() -> Progress:
    """A bar that counts bytes."""
    return _bar(BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())


class Reading:
    """A file that tells how far it was read; what is sent streams from it."""

    def __init__(self, file: IO[bytes], tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._file.read(size)
        self._tell(self._file.tell())
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go elsewhere, as to learn the size or to send again."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()

    def fileno(self) -> int:
        """The number of the open file, by which its size is asked for."""
        return self._file.fileno()


def _bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
