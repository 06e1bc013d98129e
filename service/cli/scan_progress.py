"""Progress bars of what is sent and screened, on the terminal and only there."""

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


def _bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
