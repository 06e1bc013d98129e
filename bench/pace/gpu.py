"""How busy the GPU is, where there is one."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_QUERY = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"]


@contextmanager
def watching_gpu() -> Iterator[list[float]]:
    """A list that after the block holds the GPU's busy share in percent, every 0.2 s.

    It stays empty where there is no `nvidia-smi`.
    """
    busy: list[float] = []
    program = shutil.which("nvidia-smi")
    if program is None:
        yield busy
        return
    process = subprocess.Popen([program, *_QUERY], stdout=subprocess.PIPE, text=True)
    try:
        yield busy
    finally:
        process.terminate()
        lines, _ = process.communicate()
        busy += [float(line) for line in lines.split() if line.isdecimal()]
