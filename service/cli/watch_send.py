"""Sending what a watched folder holds: each tile once, whatever ends this process when."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, cast

from rich.console import Console

from flakescope.client import Scan, TileResult
from service.cli.watch_files import Ready
from service.cli.watch_state import TilePosition, WatchState
from service.errors import FlakescopeError
from service.formats.folder_scan import FolderScan, FolderTile, affine_of
from service.formats.read_folder import tile_bytes

# Enough to keep the connections busy; the rest is looked at again before it is sent.
_MOST_UNANSWERED = 16
_ANSWER_S = 0.05


@dataclass(slots=True)
class Counts:
    """Counts of tiles and flakes in this run."""

    sent: int = 0
    refused: int = 0
    graphene: int = 0

    def line(self, scan_id: int | None, waiting: int = 0, unanswered: int = 0) -> str:
        """Format the counts as one line for a person."""
        scan = "No scan yet" if scan_id is None else f"Scan {scan_id}"
        parts = [f"{self.sent} tiles sent", f"{self.graphene} graphene flakes on them"]
        parts += [f"{self.refused} refused"] if self.refused else []
        parts += [f"{waiting} wait"] if waiting else []
        parts += [f"{unanswered} under way"] if unanswered else []
        return f"{scan}: {', '.join(parts)}."


@dataclass(slots=True)
class TileSender:
    """Sends ready tiles, and remembers what became of each.

    Attributes
    ----------
    scan : Scan or None
        Where to; None until there is one.
    stated_um_per_px : float or None
        What a person states of the scale; it counts for every tile, whatever its file says.
    answers : queue
        Results, as the client's threads put them here.
    """

    state: WatchState
    console: Console
    scan: Scan | None = None
    stated_um_per_px: float | None = None
    counts: Counts = field(default_factory=Counts)
    answers: SimpleQueue[TileResult] = field(default_factory=SimpleQueue)
    _under_way: dict[int, Ready] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    @property
    def unanswered(self) -> int:
        """Tiles that were sent and not answered yet."""
        return len(self._under_way)

    def send(self, ready: Sequence[Ready]) -> bool:
        """Send tiles, and remember what was answered meanwhile; whether there was any."""
        scan = self.scan
        if scan is None:
            return False
        under_way = {one.key for one in self._under_way.values()}
        some = False
        for one in ready:
            if one.key in under_way or self.state.refused.get(one.key) == one.mark:
                continue
            some = True
            self._send(scan, one)
            while len(self._under_way) >= _MOST_UNANSWERED:
                self.remember(_ANSWER_S)
        return some

    def remember(self, timeout_s: float = 0.0) -> None:
        """Write down every answer that is there; waits so long for the first."""
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            try:
                result = self.answers.get(timeout=left_s) if left_s else self.answers.get_nowait()
            except Empty:
                return
            self._note(result)
            deadline = 0.0

    def finish(self, timeout_s: float) -> None:
        """Wait for the answers that are still to come."""
        deadline = time.monotonic() + timeout_s
        while self._under_way and time.monotonic() < deadline:
            self.remember(_ANSWER_S)

    def _send(self, scan: Scan, one: Ready) -> None:
        # As it was begun before: other words would make it another tile.
        place = self.state.begun.get(one.key) or position_of(one.tile)
        if self.stated_um_per_px is not None:
            place = cast(TilePosition, {**place, "um_per_px": self.stated_um_per_px})
        try:
            image = tile_bytes(one.tile)
        except FlakescopeError as error:
            # Another program may hold the file: it is tried again at the next look.
            self._tell(f"{one.key}: {error}")
            return
        self.state.begin(one.key, place)
        self._under_way[scan.send(image, **place)] = one

    def _note(self, result: TileResult) -> None:
        one = self._under_way.pop(result.number)
        if result.ok:
            self.state.note_sent(one.key)
            self.counts.sent += 1
            self.counts.graphene += sum(flake.is_graphene for flake in result.flakes)
            return
        self.state.note_refused(one.key, one.mark)
        self.counts.refused += 1
        self._tell(f"{one.key}: {result.error}")

    def _tell(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self.console.print(words, markup=False)


def position_of(tile: FolderTile) -> TilePosition:
    """Read where a tile was taken, in the client's words."""
    place: dict[str, Any] = {
        "name": tile.name,
        "x_um": tile.stage_x_um,
        "y_um": tile.stage_y_um,
        "z_um": tile.stage_z_um,
        "row": tile.row,
        "col": tile.col,
        "um_per_px": tile.um_per_px,
    }
    return cast(TilePosition, {name: value for name, value in place.items() if value is not None})


def scan_fields(read: FolderScan, stated_um_per_px: float | None) -> dict[str, Any]:
    """Collect what a folder says of its scan, at the scale that a person states where one does."""
    fields: dict[str, Any] = {
        "flip_x": read.flip_x,
        "flip_y": read.flip_y,
        "swap_xy": read.swap_xy,
        "position_reference": read.position_reference,
    }
    if read.affine is not None:
        fields["affine"] = affine_of(read, stated_um_per_px)
    elif read.um_per_px is not None:
        fields["um_per_px"] = read.um_per_px
    return fields
