"""`flakescope watch`: screen a folder that acquisition software fills, while it grows."""

import hashlib
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console

from flakescope.client import Client, ClientError, Refused, Scan
from flakescope.client.folders import user_folder
from service.cli.client import URL, Token, Url
from service.cli.scan import OxideNm, UmPerPx
from service.cli.watch_files import Ready, WatchedFiles
from service.cli.watch_send import TileSender, scan_fields
from service.cli.watch_state import WatchState
from service.errors import FlakescopeError
from service.processes.embedded import leaving_in_order
from service.processes.setup import Unusable

# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments


def watch(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="To be watched.")],
    *,
    url: Url = URL,
    token: Token = None,
    scan_name: Annotated[
        str | None, typer.Option(help="The scan's name.", show_default="the folder's")
    ] = None,
    oxide_nm: OxideNm = None,
    um_per_px: UmPerPx = None,
    until_idle: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="End when nothing came for so long.", show_default="never"
        ),
    ] = None,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="Look so often.", min=0.05)] = 2.0,
    position_wait: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="A tile waits so long for its stage position.", min=0),
    ] = 10.0,
    state: Annotated[
        Path | None,
        typer.Option(help="File that keeps what was sent.", show_default="in the user's folder"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="A new scan, also of what was sent before.")
    ] = False,
) -> None:
    """Send each image as soon as it is written, until Ctrl-C. Started again, it goes on."""
    from service.cli.watch import Watching, run_watch

    said = {"name": scan_name, "oxide_nm": oxide_nm, "um_per_px": um_per_px}
    watching = Watching(
        folder=folder.resolve(),
        url=url,
        token=token,
        said={name: value for name, value in said.items() if value is not None},
        until_idle_s=until_idle,
        every_s=every,
        position_wait_s=position_wait,
        state=state,
        again=again,
    )
    raise typer.Exit(run_watch(watching))


# A look at a huge folder, or at one on a slow share, may take longer than the pause between two.
_REST = 4.0
# After the last look, for the answers to what is under way.
_LAST_ANSWERS_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """A watch: what is watched, and how; `said` is what the user says of the scan."""

    folder: Path
    url: str
    token: str | None
    said: Mapping[str, Any]
    until_idle_s: float | None
    every_s: float
    position_wait_s: float
    state: Path | None
    again: bool


def run_watch(watching: Watching) -> int:
    """Watch until it is idle or stopped; the exit status, 0 where the service has every tile.

    Raises
    ------
    Unusable
        Another process watches the folder, its scan is gone, or the service is away.
    """
    path = watching.state or _state_path(watching)
    state = WatchState(path, again=watching.again)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        # The folder itself keeps what was not sent: no spool.
        client = Client(watching.url, watching.token, spool=False)
        sender = TileSender(state, console, stated_um_per_px=watching.said.get("um_per_px"))
        with leaving_in_order(), suppress(KeyboardInterrupt):
            _Run(watching, client, sender, console).until_idle()
        sender.finish(_LAST_ANSWERS_S)
        with suppress(ClientError):  # what is unsent stands in the state and is sent next time
            client.close(0.0)
    except (ClientError, ValueError) as error:
        raise Unusable(str(error)) from error
    finally:
        state.close()
    console.print(sender.counts.line(state.scan_id, unanswered=sender.unanswered), markup=False)
    return 1 if state.refused or sender.unanswered else 0


class _Run:
    def __init__(
        self, watching: Watching, client: Client, sender: TileSender, console: Console
    ) -> None:
        self._watching = watching
        self._client = client
        self._sender = sender
        self._console = console
        self._files = WatchedFiles(watching.folder, watching.position_wait_s)
        self._told: set[str] = set()

    def until_idle(self) -> None:
        """Look and send until nothing came for the time that was asked for."""
        busy_s = time.monotonic()
        limit_s = self._watching.until_idle_s
        with self._console.status("Looking at the folder") as line:
            while True:
                ready, took_s = self._look()
                if self._step(ready, line.update):
                    busy_s = time.monotonic()
                idle_s = time.monotonic() - max(busy_s, self._files.changed_s)
                if limit_s is not None and idle_s >= limit_s:
                    return
                self._sender.remember(max(self._watching.every_s, _REST * took_s))

    def _look(self) -> tuple[list[Ready], float]:
        started_s = time.monotonic()
        ready: list[Ready] = []
        try:
            ready = self._files.look(self._sender.state.sent)
        except FlakescopeError as error:
            # A share may be away for a while.
            self._tell(str(error))
        if self._files.trouble is not None:
            self._tell(self._files.trouble)
        return ready, time.monotonic() - started_s

    def _step(self, ready: list[Ready], show: Callable[[str], None]) -> bool:
        """Send what is ready; whether anything is to be done still."""
        sender, files = self._sender, self._files
        if ready and sender.scan is None and files.scan is not None:
            sender.scan = self._open_scan(scan_fields(files.scan, sender.stated_um_per_px))
            for note in files.scan.notes:
                self._tell(note)
        some = sender.send(ready)
        sender.remember()
        show(sender.counts.line(sender.state.scan_id, files.waiting, sender.unanswered))
        return bool(some or files.waiting or sender.unanswered)

    def _open_scan(self, fields: dict[str, Any]) -> Scan:
        """Open the folder's scan: a new one, or the one that an earlier process made."""
        state, answers, folder = self._sender.state, self._sender.answers, self._watching.folder
        if state.scan_id is not None:
            try:
                return self._client.scan(scan_id=state.scan_id, on_result=answers.put)
            except Refused as error:
                raise Unusable(f"{error} It was this folder's; --again makes a new one.") from error
        where = f"{socket.gethostname()}: {folder}"
        source = state.source or f"watch {uuid4().hex} {where}"[:1000]
        # Before the scan is made: after a kill between the two it is found again.
        state.set_scan(source, None)
        said = {"name": folder.name or "scan", **fields, **self._watching.said}
        scan = self._client.scan(**said, source=source, on_result=answers.put)
        state.set_scan(source, scan.id)
        return scan

    def _tell(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self._console.print(words, markup=False)


def _state_path(watching: Watching) -> Path:
    name = hashlib.sha256(f"{watching.url}\n{watching.folder}".encode()).hexdigest()[:16]
    return user_folder() / "watch" / f"{watching.folder.name}-{name}.jsonl"
