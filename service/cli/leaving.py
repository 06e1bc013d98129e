"""Leaving in order: what was started is ended, also when this process is asked to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Seldom enough to cost nothing; who stops a process waits at least ten times as long.
_LOOK_S = 1.0


@contextmanager
def leaving_in_order() -> Iterator[None]:
    """Turn a request to end this process into an exit, so that its children are ended first."""

    def leave(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def wait_to_leave(stop: threading.Event) -> None:
    """Wait until `stop` is set, also where the handler of a signal sets it.

    A handler runs when the main thread next does anything. A signal that the system delivered to
    another thread, as it may on a busy machine, does not wake a main thread that waits without end.
    """
    while not stop.wait(_LOOK_S):
        pass
