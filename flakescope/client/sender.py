"""The sender: threads that pack tiles and post them until the service has each."""

import threading
import time

from flakescope.client.connection import Connection
from flakescope.client.errors import Refused, Unreachable
from flakescope.client.letter import Heading, Letter
from flakescope.client.outbox import Outbox, Waiting
from flakescope.client.patience import Patience
from flakescope.client.results import Flake, Tile, TileResult, read

# The token is wrong, not the tile: it is sent when somebody starts with the right one.
_NOT_THE_TILE = frozenset({401, 403})


class Sender:
    """Posts what is in an outbox; its threads end with `close` or with the program."""

    def __init__(self, connection: Connection, outbox: Outbox, connections: int) -> None:
        self._connection = connection
        self._outbox = outbox
        self._stop = threading.Event()
        self._scans: dict[int, str | None] = {}
        names = ["packing", *(f"posting {number}" for number in range(1, connections + 1))]
        self._threads = [
            threading.Thread(
                target=self._pack if name == "packing" else self._post_all,
                name=f"flakescope {name}",
                daemon=True,
            )
            for name in names
        ]

    def start(self) -> None:
        """Start the threads that pack and post."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout_s: float) -> bool:
        """Stop the threads, once the outbox is closed; tell whether they ended within so long."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _pack(self) -> None:
        while self._outbox.pack_next():
            pass

    def _post_all(self) -> None:
        while (waiting := self._outbox.next_ready()) is not None:
            result, is_last_word = self._post(waiting)
            if result is None:
                self._outbox.put_back(waiting)
                continue
            # First told, then done: who waits for the end has heard of everything.
            waiting.deliver(result)
            self._outbox.done(waiting, result.ok, keep=not is_last_word)

    def _post(self, waiting: Waiting) -> tuple[TileResult | None, bool]:
        """Post a tile: its result, None where there is none; and whether that was the last word."""
        name = ""
        try:
            letter = waiting.letter()
            name = letter.heading.name
            if waiting.number == 0:
                self._check_scan(letter.heading)
            return self._answered(waiting, letter), True
        except Refused as error:
            result = TileResult(waiting.number, name, None, (), str(error), error.status)
            return result, error.status not in _NOT_THE_TILE
        except Unreachable:
            return None, False
        except (OSError, ValueError) as error:
            return TileResult(waiting.number, name, None, (), f"Spool: {error}", 0), True

    def _answered(self, waiting: Waiting, letter: Letter) -> TileResult:
        heading = letter.heading
        path = f"/v1/scans/{heading.scan_id}/tiles"
        patience = Patience(None, self._stop)
        answer = self._connection.call("POST", path, patience, **letter.request())
        content = answer.json()
        return TileResult(
            number=waiting.number,
            name=heading.name,
            tile=read(Tile, content["tile"]),
            flakes=tuple(read(Flake, flake) for flake in content["flakes"]),
            error=None,
            status=answer.status_code,
        )

    def _check_scan(self, heading: Heading) -> None:
        """Raise `Refused` where the scan of a tile that was left is another one now."""
        scan_id = heading.scan_id
        if scan_id not in self._scans:
            patience = Patience(None, self._stop)
            scan = self._connection.call("GET", f"/v1/scans/{scan_id}", patience).json()
            self._scans[scan_id] = scan["created_at"]
        if self._scans[scan_id] != heading.scan_created_at:
            raise Refused(f"Scan {scan_id} is not the scan that this tile was taken for.")
