"""The real service as a child process, for as long as it is needed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.processes.embedded import leaving_in_order
from service.processes.server import address_of, listen
from service.processes.setup import Unusable

USUAL_PORT = 8000
# A first start makes the database and warms the network; slow disks take most of it.
START_S = 90.0
# The service lets requests that run end; it then needs a moment to close.
STOP_S = 20.0
LOG_NAME = "serve.log"
# Of a service that did not start, the end of the log has the reason.
LOG_TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Address:
    """An address to serve at; port None = the usual one, or a free one where it is taken."""

    host: str
    port: int | None


@contextmanager
def running_service(
    address: Address, data_dir: Path, options: Sequence[str] = ()
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start `flakescope serve`, give its URL and process once it can screen, and stop it.

    Raises
    ------
    Unusable
        The port is taken, or the service did not start; the message has its last words.
    """
    url, port = _choose(address)
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / LOG_NAME
    arguments = ["--host", address.host, "--port", str(port), "--data-dir", str(data_dir)]
    # A demo never writes to the lab's database, whatever the shell is set up for.
    environment = {k: v for k, v in os.environ.items() if k != "FLAKESCOPE_DATABASE_URL"}
    with leaving_in_order(), log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve", *arguments, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            # On Windows only a process group of its own can be asked to stop in good order.
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        try:
            _wait_until_ready(url, process, log)
            yield url, process
        finally:
            _stop(process)


def _choose(address: Address) -> tuple[str, int]:
    """Choose a port that is free now; return its URL and number."""
    ports = [USUAL_PORT, 0] if address.port is None else [address.port]
    while True:
        try:
            with listen(address.host, ports.pop(0)) as listener:
                return address_of(listener), int(listener.getsockname()[1])
        except Unusable:
            if not ports:
                raise


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_S
    reason = "It does not answer."
    # No proxy of the shell stands between this process and its own child.
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Unusable(f"The service did not start. Its last words:\n{_tail(log)}")
            # Before the child has said its address, whoever answers there is another service.
            answer = _ask(http) if url in _text(log) else None
            if answer is not None and answer.is_success:
                return
            if answer is not None:
                # It has started, and says itself why it cannot screen: waiting helps no more.
                reason = str(answer.json().get("detail"))
                break
            time.sleep(0.1)
    raise Unusable(f"The service cannot screen. {reason}\nThe end of its log:\n{_tail(log)}")


def _ask(http: httpx.Client) -> httpx.Response | None:
    try:
        return http.get("/readyz")
    except httpx.TransportError:
        return None


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return "\n".join(_text(log).splitlines()[-LOG_TAIL_LINES:])


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
