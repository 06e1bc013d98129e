"""Freed memory: a process that was told to keep it has no page faults for the next tile."""

import platform
import subprocess
import sys

import pytest

from service.cli.main import keep_freed_memory

# As many arrays as a tile makes, more together than the allocator keeps by itself.
ROUNDS = """
import resource, sys
import numpy as np
from service.cli.main import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def fill():
    arrays = [np.ones(2**20) for _ in range(6)]
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
fill(), fill()
before = faults()
fill()
print(faults() - before)
"""


def faults_of(mode: str) -> int:
    command = [sys.executable, "-c", ROUNDS, mode]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc's allocator")
def test_the_next_tile_finds_its_memory_there():
    assert faults_of("kept") < 100
    assert faults_of("as it is") > 1000


def test_other_platforms_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("ctypes.CDLL", None)
    keep_freed_memory()
