"""Follow a scan: in a table, or in a bar until its end."""

import time

from rich.console import Console
from rich.markup import escape
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
from rich.table import Table
from rich.text import Text

from service.cli.client import Client, Json, patiently


class TilesPerSecond(ProgressColumn):
    """A progress column: tiles per second, of late."""

    def render(self, task: Task) -> Text:
        """Render the rate, or nothing before it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} tiles/s")


def tiles_bar() -> Progress:
    """Build a progress bar that counts tiles."""
    return _bar(BarColumn(), MofNCompleteColumn(), TilesPerSecond(), TimeRemainingColumn())


def bytes_bar() -> Progress:
    """Build a progress bar that counts bytes."""
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


# Often enough for a bar to move, rarely enough to cost nothing.
_EVERY_S = 0.5

_LISTED = 20

_ENDED = ("done", "failed", "cancelled")


def follow(client: Client, scan_id: int) -> int:
    """Show a bar until the scan has ended, then the scan; the exit status, 0 where it is done."""
    with tiles_bar() as progress:
        task = progress.add_task("Waiting for a worker", total=None)
        while (scan := _look(client, scan_id))["state"] not in _ENDED:
            tiles = scan["tiles"]
            progress.update(
                task,
                description="Screening" if scan["state"] == "screening" else "Waiting",
                total=tiles["expected"],
                completed=tiles["screened"] + tiles["failed"],
            )
            time.sleep(_EVERY_S)
    _print([scan])
    return 0 if scan["state"] == "done" else 1


def _look(client: Client, scan_id: int) -> Json:
    # A service that is started again goes on with the scan.
    return patiently(lambda: client.call("GET", f"/v1/scans/{scan_id}"))


def show(client: Client, scan_id: int | None) -> None:
    """Print one scan, or the latest."""
    if scan_id is not None:
        _print([client.call("GET", f"/v1/scans/{scan_id}")])
        return
    _print(client.call("GET", "/v1/scans", params={"limit": _LISTED})["items"])


def _print(scans: list[Json]) -> None:
    table = Table("scan", "name", "state", "tiles", "failed", "graphene", "other")
    for scan in scans:
        tiles, flakes = scan["tiles"], scan["flakes"]
        expected = "?" if tiles["expected"] is None else str(tiles["expected"])
        counts = (f"{tiles['screened']}/{expected}", str(tiles["failed"]))
        found = (str(flakes["graphene"]), str(flakes["other"]))
        table.add_row(str(scan["id"]), escape(scan["name"]), scan["state"], *counts, *found)
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    if len(scans) == 1:
        _print_words(console, scans[0])


def _print_words(console: Console, scan: Json) -> None:
    if scan["format"]:
        console.print(f"Read as: {scan['format']}", markup=False)
    for note in scan["notes"]:
        console.print(f"- {note}", markup=False)
    for warning in scan["warnings"]:
        console.print(warning, style="yellow", markup=False)
    if scan["error"]:
        console.print(scan["error"], style="red", markup=False)
