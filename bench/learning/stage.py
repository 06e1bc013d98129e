"""Stage: the real service and the real trainer, processes of their own; needs Linux."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from bench.kill.service import Service

ENDED = {"done", "failed", "cancelled"}
# A training waits on a busy computer; nothing here takes longer.
_PATIENCE_S = 1800.0
# By this name the database knows the connections of the trainer and of what it starts.
TRAINER = "flakescope-trainer"


@dataclass(slots=True)
class Stage:
    """A service, a trainer and a client of the service."""

    service: Service
    http: httpx.Client
    _trainer: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        """Address of the database."""
        return self.service.database_url

    def call(self, method: str, path: str, **how: Any) -> Any:
        """What the service answers, as JSON; raises `httpx.HTTPStatusError`."""
        return self.http.request(method, path, **how).raise_for_status().json()

    def start_trainer(self) -> None:
        """Start the trainer, as from another terminal: in a session of its own."""
        with self.service.data_dir.with_suffix(".trainer.log").open("ab") as output:
            self._trainer = subprocess.Popen(
                [sys.executable, "-m", "service", "trainer"],
                env=self.service.environment() | {"FLAKESCOPE_DATABASE_URL": _named(self.url)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill_trainer(self) -> None:
        """End the trainer as a power cut would."""
        assert self._trainer is not None
        self._trainer.kill()
        self._trainer.wait()

    def stop_trainer(self) -> None:
        """Ask the trainer to end."""
        if self._trainer is not None and self._trainer.poll() is None:
            self._trainer.terminate()
            self._trainer.wait(60)

    def training_pid(self) -> int | None:
        """The process of the training that runs."""
        assert self._trainer is not None
        tasks = Path(f"/proc/{self._trainer.pid}/task")
        for path in tasks.glob("*/children"):
            for child in map(int, path.read_text().split()):
                if "models.trainer" in command_of(child):
                    return child
        return None

    def kill_training(self) -> None:
        """End the training's own process as if memory had run out."""
        pid = self.training_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def start_training(self, **wanted: Any) -> int:
        """Ask for a training; its number."""
        return int(self.call("POST", "/v1/trainings", json=wanted)["id"])

    def training(self, number: int) -> dict[str, Any]:
        """A training as it is now."""
        found: dict[str, Any] = self.call("GET", f"/v1/trainings/{number}")
        return found

    def wait_for_epochs(self, number: int, epochs: int) -> dict[str, Any]:
        """The training, once so many epochs are behind it or it has ended."""
        return self._wait_for(
            number, lambda now: len(now["epochs"]) >= epochs or now["state"] in ENDED
        )

    def wait_for_end(self, number: int) -> dict[str, Any]:
        """The training, once it has ended."""
        return self._wait_for(number, lambda now: now["state"] in ENDED)

    def _wait_for(self, number: int, is_so: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so(now := self.training(number)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"training {number} is {now['state']}")
            time.sleep(0.1)
        return now

    def active_version(self) -> str:
        """The model version that serves; empty while none can."""
        return str(self.http.get("/readyz").json().get("model_version", ""))

    def wait_for_version(self, version: str) -> None:
        """Wait until a model version serves."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.active_version() != version:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{version} does not serve")
            time.sleep(0.05)


@contextmanager
def staged(folder: Path, url: str | None, model: Path | None) -> Iterator[Stage]:
    """A service with this model and a trainer, on SQLite unless another database is given."""
    # What a laboratory's first start needs, and nothing of the caller's own settings.
    options = {"FLAKESCOPE_OPEN": "true"}
    if model is not None:
        options["FLAKESCOPE_MODEL"] = str(model)
    service = Service(folder / "data", url or f"sqlite:///{folder}/flakescope.db", options)
    try:
        service.start()
        # Only at the first start: else each start would undo promotions.
        options.pop("FLAKESCOPE_MODEL", None)
        with service.client() as http:
            stage = Stage(service, http)
            try:
                stage.start_trainer()
                yield stage
            finally:
                stage.stop_trainer()
    finally:
        service.stop()


def command_of(pid: int) -> str:
    """The command line of a process; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except OSError:
        return ""


def _named(url: str) -> str:
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return url
    named = address.update_query_dict({"application_name": TRAINER})
    return named.render_as_string(hide_password=False)
