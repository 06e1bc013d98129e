"""The files of a watched folder: which are whole, and what is known of where they were taken."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from service.cli.watch_state import FileMark
from service.errors import FlakescopeError
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing, list_folder
from service.formats.read_folder import read_folder
from service.formats.registry import CONTAINERS

# Reading all descriptions again may take seconds in a folder of 100,000 files: it gets a fifth of
# the time at most.
_REST = 4.0


@dataclass(slots=True)
class _Seen:
    """A file as it was last seen, and since when it has been so."""

    mark: FileMark
    since_s: float
    looks: int = 1


@dataclass(frozen=True, slots=True)
class Ready:
    """A tile whose file is whole."""

    key: str
    tile: FolderTile
    mark: FileMark


@dataclass(slots=True)
class WatchedFiles:
    """A folder that others write to.

    Parameters
    ----------
    position_wait_s : float
        So long a tile without a stage position waits for a side file that states it.
    clock : callable
        Seconds that only grow.

    Attributes
    ----------
    scan : FolderScan or None
        The folder as it was last described.
    trouble : str or None
        Why it could not be described anew.
    changed_s : float
        When anything in the folder was last seen to change.
    waiting : int
        Files that are not whole yet, and tiles that wait for a position.
    """

    folder: Path
    position_wait_s: float
    clock: Callable[[], float] = time.monotonic
    scan: FolderScan | None = None
    trouble: str | None = None
    changed_s: float = 0.0
    waiting: int = 0
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _whole: dict[str, _Seen] = field(default_factory=dict)
    # Of each tile the key and the file's name: a hundred thousand are too many for every look.
    _keyed: list[tuple[str, str, FolderTile]] = field(default_factory=list)
    _fresh: bool = False
    _read_s: float = float("-inf")
    _next_read_s: float = float("-inf")

    def look(self, sent: Collection[str]) -> list[Ready]:
        """Tiles that can be sent now; those that were `sent` are not looked at again.

        A file is whole where two looks, one after the other, saw the same size and time.

        Raises
        ------
        FlakescopeError
            The folder is away, or too large.
        """
        listing = list_folder(self.folder, containers=CONTAINERS)
        self._note(listing, sent)
        self._describe()
        return self._ready(sent)

    def _note(self, listing: Listing, sent: Collection[str]) -> None:
        now_s = self.clock()
        names = [*listing.others, *listing.containers]
        names += [name for name in listing.images if name not in sent]
        seen: dict[str, _Seen] = {}
        for name in names:
            mark = _mark_of(listing.path(name))
            before = self._seen.get(name)
            if mark is None:
                continue
            if before is not None and before.mark == mark:
                before.looks += 1
                seen[name] = before
                # Whole from now on: what is known of it has to be read again.
                self._fresh |= before.looks == 2
            else:
                seen[name] = _Seen(mark, now_s)
                self._fresh, self.changed_s = True, now_s
        self._seen = seen
        others = set(listing.others)
        images = {name: one for name, one in seen.items() if name not in others}
        self._whole = {name: one for name, one in images.items() if _is_whole(one)}
        self.waiting = len(images) - len(self._whole)

    def _describe(self) -> None:
        """Read the folder's descriptions, if there is a reason and it is not too often."""
        now_s = self.clock()
        due = any(
            self._read_s < one.since_s + self.position_wait_s <= now_s
            for one in self._whole.values()
        )
        if not self._whole or not (self._fresh or due) or now_s < self._next_read_s:
            return
        try:
            self.scan = read_folder(self.folder)
            self._keyed = [_keyed(tile, self.folder) for tile in self.scan.tiles]
            self.trouble = None
        except FlakescopeError as error:
            # Often a side file that is being written just now.
            self.trouble = str(error)
        self._fresh = False
        self._read_s = now_s
        self._next_read_s = now_s + _REST * (self.clock() - now_s)

    def _ready(self, sent: Collection[str]) -> list[Ready]:
        ready = []
        for key, name, tile in self._keyed:
            seen = self._whole.get(name)
            if seen is None or key in sent:
                continue
            if tile.stage_x_um is None and self._read_s < seen.since_s + self.position_wait_s:
                self.waiting += 1
                continue
            ready.append(Ready(key, tile, seen.mark))
        return ready


def _keyed(tile: FolderTile, folder: Path) -> tuple[str, str, FolderTile]:
    """Key a folder's tile by its file and which part of it, for good; return key, file and tile."""
    name = tile.path.relative_to(folder).as_posix()
    part = "".join(f"#{number}" for number in (*tile.pages, *(tile.region_px or ())))
    return name + part, name, tile


def _is_whole(seen: _Seen) -> bool:
    return seen.looks > 1 and seen.mark.size_bytes > 0


def _mark_of(path: Path) -> FileMark | None:
    try:
        state = path.stat()
    except OSError:
        return None  # gone between two looks
    return FileMark(state.st_size, state.st_mtime_ns)
