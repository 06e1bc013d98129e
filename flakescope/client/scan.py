"""A scan that tiles are sent to while it is taken."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

from flakescope.client.errors import Unreachable
from flakescope.client.images import hold
from flakescope.client.letter import Heading
from flakescope.client.outbox import Outbox, Parcel
from flakescope.client.results import Flake, NextFlake, ScanStatus, TileResult, read_status

if TYPE_CHECKING:
    from flakescope.client.images import Image

_log = logging.getLogger(__name__)

OnResult = Callable[[TileResult], None]

# Results that nobody fetches must not fill the memory: the newest are kept.
MOST_RESULTS = 10_000
_ENDED = ("done", "failed", "cancelled")
_LOOK_EVERY_S = 0.5


class Place(TypedDict, total=False):
    """Place where a tile was taken; unknown is left out or None, never 0."""

    x_um: float | None
    y_um: float | None
    z_um: float | None
    row: int | None
    col: int | None
    name: str | None
    um_per_px: float | None
    replace: bool


class Calls(Protocol):
    """Calls that a scan asks of its client."""

    def get_scan(self, scan_id: int) -> dict[str, Any]: ...  # noqa: D102
    def flakes(self, scan_id: int | None = None, **which: Any) -> Iterator[Flake]: ...  # noqa: D102
    def next_flake(self, scan_id: int, **which: Any) -> NextFlake: ...  # noqa: D102


class Scan:
    """A scan of the service; made by `Client.scan`, used from any thread.

    Attributes
    ----------
    id : int
        As the service numbers it.
    created_at : str
        As the service wrote it.
    """

    def __init__(
        self, calls: Calls, outbox: Outbox, scan: dict[str, Any], on_result: OnResult | None
    ) -> None:
        self.id = int(scan["id"])
        self.created_at = str(scan["created_at"])
        self._calls = calls
        self._outbox = outbox
        self._on_result = on_result
        # Only `send` takes this one: see `Outbox.put`.
        self._entry = threading.Lock()
        self._sent = 0
        self._changed = threading.Condition()
        self._results: deque[TileResult] = deque(maxlen=MOST_RESULTS)
        self._answered = 0
        self._closed = False

    def send(self, image: "Image", **place: Unpack[Place]) -> int:
        """Take a tile and return at once; gives the number that its result has.

        Waits only while the client's memory is full of tiles that the disk (or, without a spool,
        the service) did not take yet.

        Parameters
        ----------
        image : array, bytes or path
            (h, w) grey or (h, w, 3) RGB, uint8 or uint16, which is copied; the bytes of an image
            file; or the path of one, which has to stay until the result is there.
        place
            `x_um` and `y_um`, or `row` and `col`, or both, or else a `name`.

        Raises
        ------
        ValueError
            No place, half of one, or an array that is no image.
        OSError
            There is no such file.
        """
        held = hold(image)
        name = place.get("name") or held.name
        form = _form(place, name)
        with self._entry:
            if self._closed:
                raise ValueError("The scan is closed.")
            self._sent += 1
            number = self._sent
        heading = Heading(self.id, self.created_at, name or f"tile {number}", form)
        try:
            self._outbox.put(Parcel(number, heading, held, self._deliver))
        except ValueError:
            self._count_answered()
            raise
        return number

    def results(
        self, timeout_s: float | None = None, *, live: bool = False
    ) -> Iterator[TileResult]:
        """Results as they come, each once; ends where nothing is open any more.

        Parameters
        ----------
        timeout_s : float, optional
            Raise `TimeoutError` where no result comes for so long.
        live : bool
            End only after `close`: for a thread that listens while another sends.
        """
        while (result := self._next_result(timeout_s, live)) is not None:
            yield result

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until every tile was answered; False where some were not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.unanswered, timeout_s)

    @property
    def unanswered(self) -> int:
        """Tiles of this scan that were sent and not answered yet."""
        return self._sent - self._answered

    def status(self) -> ScanStatus:
        """Ask how far the service is."""
        return read_status(self._calls.get_scan(self.id))

    def wait_until_done(self, timeout_s: float | None = None) -> ScanStatus:
        """Wait until all that was sent is screened; raises `Unreachable` where it takes longer."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        answered = self.flush(timeout_s)
        while True:
            status = self.status()
            if answered and (status.state in _ENDED or not status.queued):
                return status
            if deadline is not None and time.monotonic() > deadline:
                raise Unreachable(f"Scan {self.id} is not done after {timeout_s:g} s.")
            time.sleep(_LOOK_EVERY_S)

    def flakes(self, **which: Any) -> Iterator[Flake]:
        """Flakes of the scan, largest first; `which` are the query fields of the call."""
        return self._calls.flakes(self.id, **which)

    def next_flake(self, **which: Any) -> NextFlake:
        """Get the best flake that nobody reviewed or looked at again."""
        return self._calls.next_flake(self.id, **which)

    def close(self, timeout_s: float | None = 60.0) -> int:
        """Take no more tiles and wait for answers; gives how many are left.

        Those go on being sent while the client is open, and from the spool at its next start.
        """
        with self._entry, self._changed:
            self._closed = True
            self._changed.notify_all()
        if not self.flush(timeout_s):
            _log.warning("Scan %d: %d tiles are not sent yet.", self.id, self.unanswered)
        return self.unanswered

    def __enter__(self) -> "Scan":
        """Enter the client's context; gives the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Close the client; after an error without waiting for the service."""
        self.close(60.0 if error is None else 0.0)

    def _deliver(self, result: TileResult) -> None:
        if self._on_result is not None:
            try:
                self._on_result(result)
            except Exception:  # whatever the call-back does, sending goes on
                _log.exception("The call-back failed on tile %s", result.name)
        self._count_answered(result if self._on_result is None else None)

    def _count_answered(self, result: TileResult | None = None) -> None:
        with self._changed:
            self._answered += 1
            if result is not None:
                self._results.append(result)
            self._changed.notify_all()

    def _next_result(self, timeout_s: float | None, live: bool) -> TileResult | None:
        with self._changed:
            there = self._changed.wait_for(
                lambda: self._results or (not self.unanswered and (self._closed or not live)),
                timeout_s,
            )
            if not there:
                raise TimeoutError(f"No result came for {timeout_s:g} s.")
            return self._results.popleft() if self._results else None


def _form(place: Place, name: str | None) -> dict[str, str]:
    for one, other in (("x_um", "y_um"), ("row", "col")):
        if (place.get(one) is None) != (place.get(other) is None):
            raise ValueError(f"{one} and {other} belong together: give both or neither.")
    if place.get("x_um") is None and place.get("row") is None and name is None:
        raise ValueError("The tile has no place: give x_um and y_um, row and col, or a name.")
    fields = {
        "stage_x_um": place.get("x_um"),
        "stage_y_um": place.get("y_um"),
        "stage_z_um": place.get("z_um"),
        "row": place.get("row"),
        "col": place.get("col"),
        "name": name,
        "um_per_px": place.get("um_per_px"),
        "replace": "true" if place.get("replace") else None,
    }
    return {field: str(value) for field, value in fields.items() if value is not None}
