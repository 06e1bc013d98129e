"""Run the one worker of an embedded service: a child process that ends with its parent."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from service.settings import Settings

EMBEDDED, ONE_TILE, BRING_IN = "--embedded", "--one-tile", "--bring-in"


def worker_command(*options: str) -> list[str]:
    """Build the command that runs a worker."""
    return [sys.executable, "-m", "service", "worker", *options]


def environment_of(settings: Settings) -> dict[str, str]:
    """Build a child's environment with these settings: a password must not stand in a command."""
    given = {name: value for name, value in settings.model_dump().items() if value is not None}
    return os.environ | {f"FLAKESCOPE_{name.upper()}": str(value) for name, value in given.items()}


_log = logging.getLogger(__name__)

# The worker gives its tiles eight seconds to end.
_STOP_S = 15.0

# Restarts of a worker that dies at once: first soon, then rarely.
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
# Who lived so long did not die of its start.
_WELL_S = 30.0


@contextmanager
def embedded_worker(settings: Settings) -> Iterator[None]:
    """Run a worker beside the block, and start it again whenever it dies."""
    keeper = _Keeper(settings)
    thread = threading.Thread(target=keeper.run, name="worker keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.stop()
        thread.join()


class _Keeper:
    def __init__(self, settings: Settings) -> None:
        self._environment = environment_of(settings)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while (process := self._start()) is not None:
            started = time.monotonic()
            process.wait()
            if self._ending.is_set():
                return
            if time.monotonic() - started > _WELL_S:
                pause_s = _FIRST_PAUSE_S
            _log.error("The worker ended (%d): another starts", process.returncode)
            self._ending.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def stop(self) -> None:
        with self._lock:
            self._ending.set()
            process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._ending.is_set():
                return None
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
            # The child reads what is never written: it learns of the end of this process by the
            # end of the pipe. It must not be told by Ctrl-C or Ctrl-Break, which its parent gets.
            self._process = subprocess.Popen(
                worker_command(EMBEDDED),
                stdin=subprocess.PIPE,
                env=self._environment,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
            return self._process


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
