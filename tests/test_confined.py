"""A child process ends at its limits, in words; this process and its memory stay as they are."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.confined import Ended, Limits, run_confined

COMMAND = [sys.executable, "-m", "tests.confined_child"]
LIMITS = Limits(memory_bytes=256 * 2**20, time_s=60)


def test_the_answer_comes_whatever_else_is_printed_and_however_large_the_input():
    assert run_confined(COMMAND, b"x" * 5_000_000, LIMITS) == {"length": 5_000_000}


@pytest.mark.parametrize("what", [b"memory", b"lists"])
def test_a_child_that_takes_too_much_memory_ends_with_the_limit_in_its_reason(what: bytes):
    with pytest.raises(Ended, match="more than 268,435,456 bytes of memory"):
        run_confined(COMMAND, what, LIMITS)


def test_a_child_that_loops_for_ever_ends_with_the_limit_in_its_reason():
    with pytest.raises(Ended, match=r"more than 0\.5 s, the limit"):
        run_confined(COMMAND, b"loop", Limits(LIMITS.memory_bytes, 0.5))


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_child_that_dies_is_told_by_its_signal():
    with pytest.raises(Ended, match=r"ended its process \(signal 9\)"):
        run_confined(COMMAND, b"die", LIMITS)


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_child_ends_with_its_parent():
    code = (
        "from service.confined import *; from tests.test_confined import *; "
        "run_confined(COMMAND, b'wait', LIMITS)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        lists = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        child = _until(lambda: lists.read_text().split())[0]
        _until(lambda: b"confined_child" in Path(f"/proc/{child}/cmdline").read_bytes())
        time.sleep(1)  # until it waits
        os.kill(parent.pid, signal.SIGKILL)
    _until(lambda: not Path(f"/proc/{child}/cmdline").exists())


def _until(look):
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
