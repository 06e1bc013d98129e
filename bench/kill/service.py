"""The service as processes that can be killed; finding the worker needs Linux."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

# Far more than a start takes on a busy computer.
_START_S = 120.0


@dataclass(slots=True)
class Service:
    """`flakescope serve` on a folder and a database, started again after each kill.

    Attributes
    ----------
    starts : int
        How often it was started.
    """

    data_dir: Path
    database_url: str
    options: Mapping[str, str] = field(default_factory=dict)
    starts: int = 0
    _port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._port = self._port or _free_port()
        log = self.data_dir.with_suffix(".log")
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service", "serve"],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.starts += 1
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"the service did not start; see {log}")
            time.sleep(0.05)

    def environment(self) -> dict[str, str]:
        """The environment of its processes."""
        return os.environ | {
            "FLAKESCOPE_DATA_DIR": str(self.data_dir),
            "FLAKESCOPE_DATABASE_URL": self.database_url,
            "FLAKESCOPE_PORT": str(self._port),
            **self.options,
        }

    @property
    def pid(self) -> int:
        """The service's process."""
        assert self._process is not None
        return self._process.pid

    def client(self) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=300, trust_env=False)

    def kill(self) -> None:
        """End it as a power cut would; its worker is to notice by itself."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_worker(self) -> bool:
        """End its worker so; whether there was one."""
        pids = self.worker_pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def worker_pids(self) -> list[int]:
        """The child processes of the service."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        # The keeper's thread is the parent of what it starts.
        lists = [path.read_text() for path in children.parents[1].glob("*/children")]
        return sorted({int(child) for text in lists for child in text.split()})

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def _answers(self) -> bool:
        try:
            with self.client() as http:
                return http.get("/healthz", timeout=5).is_success
        except httpx.TransportError:
            return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
