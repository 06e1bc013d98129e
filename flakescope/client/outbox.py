"""The outbox: what was sent and not answered yet, in memory up to a bound, then on the disk."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flakescope.client.images import Held
from flakescope.client.letter import Heading, Letter, read_letter
from flakescope.client.results import TileResult
from flakescope.client.spool import Spool, set_aside

_log = logging.getLogger(__name__)

# Between two looks for new tiles: far less than a frame takes, and next to no work.
_LOOK_S = 0.02

Deliver = Callable[[TileResult], None]


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A tile as the caller gave it, and who wants to hear of it."""

    number: int
    heading: Heading
    held: Held
    deliver: Deliver


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A tile ready to be posted: a file of the spool, or in memory where there is no spool."""

    number: int
    content: Path | Letter
    size_bytes: int
    deliver: Deliver

    def letter(self) -> Letter:
        """Read the tile; raises `OSError` or `ValueError` where its file is gone or damaged."""
        return read_letter(self.content) if isinstance(self.content, Path) else self.content


class Outbox:
    """Tiles between `send` and the service; any thread may call anything.

    Parameters
    ----------
    max_bytes : int
        Images in memory; `put` waits while one more would be over it.
    spool : Spool or None
        Without one, tiles stay in memory until they are answered.
    """

    def __init__(self, max_bytes: int, spool: Spool | None) -> None:
        self._max_bytes = max_bytes
        self._spool = spool
        # Only `put` takes this one: it must never wait for a thread that packs or posts, which a
        # busy computer may have put aside.
        self._entry = threading.Lock()
        self._put = 0
        self._put_bytes = 0
        self._fresh: deque[Parcel] = deque()
        self._changed = threading.Condition()
        self._ready: deque[Waiting] = deque()
        self._adopted = 0
        self._done = 0
        self._secured = 0
        self._freed_bytes = 0
        self._closed = threading.Event()

    def put(self, parcel: Parcel) -> None:
        """Take a tile; waits only where memory is full. Raises `ValueError` where it is closed.

        It wakes nobody: who is woken may get the processor at once, and `send` would wait.
        """
        size = parcel.held.size_bytes
        with self._entry:
            # One that is larger than the bound still passes, alone.
            while (used := self._put_bytes - self._freed_bytes) and used + size > self._max_bytes:
                if self._closed.wait(_LOOK_S):
                    break
            if self._closed.is_set():
                raise ValueError("The client is closed.")
            self._put += 1
            self._put_bytes += size
            self._fresh.append(parcel)

    def adopt(self, path: Path, deliver: Deliver) -> None:
        """Send what an earlier program left in the spool."""
        with self._changed:
            self._ready.append(Waiting(0, path, 0, deliver))
            self._adopted += 1
            self._changed.notify_all()

    def pack_next(self) -> bool:
        """Encode one tile and put it in the spool; False after the end."""
        while not self._fresh:
            if self._closed.wait(_LOOK_S) and not self._fresh:
                return False
        parcel = self._fresh.popleft()
        waiting = self._pack(parcel)
        with self._changed:
            if waiting is None:
                self._done += 1
            else:
                self._ready.append(waiting)
                self._freed_bytes -= waiting.size_bytes
            self._secured += waiting is None or isinstance(waiting.content, Path)
            self._freed_bytes += parcel.held.size_bytes
            self._changed.notify_all()
        return True

    def next_ready(self) -> Waiting | None:
        """Wait for the next tile to post; None after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._closed.is_set())
            return self._ready.popleft() if not self._closed.is_set() else None

    def put_back(self, waiting: Waiting) -> None:
        """Keep a tile that could not be posted; it stays in the spool for the next start."""
        with self._changed:
            self._ready.appendleft(waiting)
            self._changed.notify_all()

    def done(self, waiting: Waiting, ok: bool, *, keep: bool = False) -> None:
        """Forget a tile that was answered; to `keep` it is to leave it to the next start."""
        if isinstance(waiting.content, Path) and not keep:
            if ok:
                _remove(waiting.content)
            else:
                set_aside(waiting.content)
        with self._changed:
            self._freed_bytes += waiting.size_bytes
            self._done += 1
            self._secured += not isinstance(waiting.content, Path)
            self._changed.notify_all()

    @property
    def unanswered(self) -> int:
        """Tiles that were not answered yet."""
        return self._put + self._adopted - self._done

    def wait_answered(self, timeout_s: float | None) -> bool:
        """Wait until every tile was answered; False where some were not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.unanswered, timeout_s)

    def wait_spooled(self, timeout_s: float | None) -> bool:
        """Wait until no tile is only in memory; False where some were in the end."""
        with self._changed:
            return self._changed.wait_for(lambda: self._put == self._secured, timeout_s)

    def close(self) -> int:
        """Take no more, let the threads end; gives how many tiles are lost with this program."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
            return self._put - self._secured

    def _pack(self, parcel: Parcel) -> Waiting | None:
        try:
            letter = Letter(parcel.heading, parcel.held.encode())
        except (OSError, ValueError) as error:
            reason = f"It could not be read: {error}"
            name = parcel.heading.name
            parcel.deliver(TileResult(parcel.number, name, None, (), reason, 0))
            return None
        if self._spool is not None:
            try:
                path = self._spool.put(letter)
            except OSError as error:
                # In memory it is as good until the program ends, and `put` waits in time.
                _log.warning("A tile stays in memory, the spool cannot be written: %s", error)
            else:
                return Waiting(parcel.number, path, 0, parcel.deliver)
        return Waiting(parcel.number, letter, len(letter.image), parcel.deliver)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        # Sent again by the next start, and then known to the service.
        _log.warning("%s stays in the spool: %s", path, error)
