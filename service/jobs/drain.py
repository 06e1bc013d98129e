"""Drain: a process that shall end lets its tiles finish and begins no other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Drain:
    """Counts the tiles that are being screened."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._ending = False

    @contextmanager
    def tile(self) -> Iterator[None]:
        """Around each tile. Once the process is ending nobody gets in: the caller waits for ever.

        An error would tell the engine that the job failed; it has only not ended yet.
        """
        with self._changed:
            while self._ending:
                self._changed.wait()
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def end(self, patience_s: float) -> None:
        """Let nobody in any more, and wait for those inside, for so long."""
        with self._changed:
            self._ending = True
            self._changed.wait_for(lambda: self._running == 0, patience_s)
