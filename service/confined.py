"""Run what strangers' files may take over in a child process, with limits of memory and time.

Linux itself refuses the child more memory; on every system this process looks on and ends it.
"""

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from service.errors import FlakescopeError

# A child that allocates as fast as a machine can gets 100 MB further between two looks.
_LOOK_S = 0.05
# An answer is some numbers, or a sentence.
_MOST_ANSWER_BYTES = 2**20
# Where a process ends for want of memory it has rarely used the last byte: arrays are large.
_NEARLY = 0.75
# How much the length that stands before the input takes.
_LENGTH_BYTES = 8
# Exit status of a child that met a `MemoryError`.
NO_MEMORY = 71


class Ended(FlakescopeError):
    """A child process gave no answer: it took too much memory or time, or died."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may take: memory that is resident, and seconds by the clock."""

    memory_bytes: int
    time_s: float


def run_confined(
    command: Sequence[str],
    given: bytes,
    limits: Limits,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Run a command that calls `answering`; its answer.

    Raises
    ------
    Ended
        It gave none; the message says why, with the limit where it was one.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_sparing(os.environ if environment is None else environment),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answer = _Reading(process.stdout)
        try:
            _hold(process.pid, limits.memory_bytes)
            threads = [
                threading.Thread(target=_give, args=(process.stdin, given), daemon=True),
                threading.Thread(target=answer.run, daemon=True),
            ]
            for thread in threads:
                thread.start()
            reason = _wait(process, limits)
        finally:
            process.kill()
        threads[1].join()
    if reason is not None:
        raise Ended(reason)
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise Ended("The process ended without an answer.") from error


def answering(work: Callable[[bytes], Any]) -> None:
    """In the child: answer what the parent gives, and end with the parent however it ends."""
    # What libraries print must not stand in the answer.
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    length = int.from_bytes(sys.stdin.buffer.read(_LENGTH_BYTES), "big")
    given = sys.stdin.buffer.read(length)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = json.dumps(work(given)).encode()
    except MemoryError:
        os._exit(NO_MEMORY)
    with os.fdopen(out, "wb") as file:
        file.write(answer)


@dataclass(slots=True)
class _Reading:
    file: IO[bytes]
    content: bytes = b""

    def run(self) -> None:
        self.content = self.file.read(_MOST_ANSWER_BYTES)


def _give(file: IO[bytes], given: bytes) -> None:
    # It stays open: the child learns by its end that this process has ended.
    with suppress(OSError, ValueError):
        file.write(len(given).to_bytes(_LENGTH_BYTES, "big"))
        file.write(given)
        file.flush()


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def _sparing(environment: Mapping[str, str]) -> dict[str, str]:
    # Each thread of a library for matrices reserves tens of megabytes, which would be counted.
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**environment, **one}


def _wait(process: "subprocess.Popen[bytes]", limits: Limits) -> str | None:
    """Look on until the child ends; why it gave no answer, None = it did."""
    started, peak_bytes = time.monotonic(), 0
    while True:
        try:
            status = process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            peak_bytes = max(peak_bytes, _resident_bytes(process.pid))
            if peak_bytes > limits.memory_bytes:
                return _too_much(limits)
            if time.monotonic() - started > limits.time_s:
                return f"It took more than {limits.time_s:g} s, the limit."
            continue
        if status == 0:
            return None
        if status == NO_MEMORY or peak_bytes > _NEARLY * limits.memory_bytes:
            return _too_much(limits)
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f"It ended its process ({how})."


def _too_much(limits: Limits) -> str:
    return f"It took more than {limits.memory_bytes:,} bytes of memory, the limit."


def _hold(pid: int, memory_bytes: int) -> None:
    """Let Linux refuse the child more memory, and choose it first where a machine has none left."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on Windows

    # One that has ended already needs no limit.
    with suppress(OSError):
        # Private memory that can be written, which threads only reserve and files do not count in.
        resource.prlimit(pid, resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def _resident_bytes(pid: int) -> int:
    """Memory that a process takes now; 0 where the system does not tell."""
    try:
        if sys.platform == "linux":
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf(
                "SC_PAGE_SIZE"
            )
        if sys.platform == "win32":
            return _resident_on_windows(pid)
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False
        )
        return int(told.stdout) * 1024
    except (OSError, ValueError, IndexError):
        return 0


def _resident_on_windows(pid: int) -> int:
    class Counters(ctypes.Structure):
        _fields_ = [("cb", ctypes.c_ulong), ("faults", ctypes.c_ulong)] + [
            (f"size_{n}", ctypes.c_size_t) for n in range(8)
        ]

    kernel = ctypes.CDLL("kernel32")
    # PROCESS_QUERY_LIMITED_INFORMATION
    handle = kernel.OpenProcess(0x1000, False, pid)
    counters = Counters(cb=ctypes.sizeof(Counters))
    try:
        # The first size is the peak, the second what is resident now.
        kernel.K32GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.cb)
        return int(counters.size_1)
    finally:
        kernel.CloseHandle(handle)
