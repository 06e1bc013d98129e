"""Start-up: from the command to the first `/readyz` that says yes."""

import http.client
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.kill.service import Service
from bench.pace.calls import cpu_s

_LONGEST_S = 120.0
_POLL_S = 0.01


def measure(folder: Path, starts: int) -> dict[str, Any]:
    """Seconds of the first start, which makes the database, and of those after it."""
    service = Service(folder / "first", f"sqlite:///{folder / 'first.db'}")
    began = time.monotonic()
    service.start()
    first_s = time.monotonic() - began
    service.stop()
    runs = [_start(service, folder / "start.log") for _ in range(starts)]
    return {
        "first_s": round(first_s, 2),
        "ready_s": [run["ready_s"] for run in runs],
        "median_s": round(float(np.median([run["ready_s"] for run in runs])), 2),
        "median_cpu_s": round(float(np.median([run["cpu_s"] for run in runs])), 2),
    }


def _start(service: Service, log: Path) -> dict[str, float]:
    with log.open("ab") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            env=_as_installed(service.environment()),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        port = int(service.environment()["FLAKESCOPE_PORT"])
        while not _is_ready(port):
            if time.monotonic() - began > _LONGEST_S or process.poll() is not None:
                raise RuntimeError(f"the service did not start; see {log}")
            time.sleep(_POLL_S)
        ready_s = time.monotonic() - began
        return {"ready_s": round(ready_s, 2), "cpu_s": cpu_s(process.pid)}
    finally:
        process.terminate()
        process.wait(60)


def _as_installed(environment: dict[str, str]) -> dict[str, str]:
    # An installation's modules are compiled, at the latest by its first start: with this set,
    # every start would compile a thousand of them again.
    return {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
