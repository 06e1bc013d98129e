"""Run the server on a listening socket: admission, slow connections, its worker."""

import asyncio
import errno
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import typer
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.admin.tokens import can_anyone_enter, keep_bootstrap_token
from service.app import create_app
from service.db.engine import Sessions, build_engine, build_sessions
from service.http.guard import MOST_HEADER_BYTES
from service.http.origins import is_loopback
from service.http.parts import Parts
from service.processes.embedded import embedded_worker, leaving_in_order
from service.processes.setup import Unusable, migrate_database, set_up_logs
from service.settings import Settings

# The lines before a body are a few hundred bytes, and a person's browser opens connections ahead.
PATIENCE_S = 20.0


class PatientProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, which waits without end for the headers of a call."""

    patience_s = PATIENCE_S
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting since the first byte, or stop where a call has begun."""
        super().data_received(data)
        if self._is_idle():
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _wait(self) -> None:
        # Bytes that come one by one do not begin it anew.
        if self._timer is None:
            self._timer = self.loop.call_later(self.patience_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """Open a socket that listens; raises `Unusable` where it cannot, as on a port that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Unusable(
                f"Port {port} of {host} is in use; name another with --port, or 0 for a free one."
            ) from error
        raise Unusable(f"Cannot listen on {host}, port {port}: {error.strerror}.") from error
    # asyncio sets this only on sockets that it made itself. Without it the kernel holds the body
    # of each answer back until the caller has acknowledged its header: 40 ms a call.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """Build the URL under which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_admission(settings: Settings) -> None:
    """Let the bootstrap token in; then refuse an address beyond this machine without any token.

    Raises
    ------
    Unusable
        There is no valid token, or the bootstrap token's file cannot be read.
    InvalidValue
        The bootstrap token is too short.
    """
    text = bootstrap_token(settings)
    with opened(settings) as sessions:
        if text is not None:
            keep_bootstrap_token(sessions, text)
        if is_loopback(settings.host):
            return
        if settings.open:
            raise Unusable(
                f"Refuses to serve on {settings.host} with --open: without tokens whoever reaches "
                "the address could read and delete everything. --open is for 127.0.0.1, ::1 and "
                "localhost."
            )
        if not can_anyone_enter(sessions):
            raise Unusable(
                f"Refuses to serve on {settings.host}: there is no access token that is valid, so "
                "whoever reaches the address could read and delete everything. Make one first, "
                "with the same --data-dir and --database-url:\n"
                "    flakescope token create NAME --role admin\n"
                "or set FLAKESCOPE_BOOTSTRAP_TOKEN (or FLAKESCOPE_BOOTSTRAP_TOKEN_FILE)."
            )


def bootstrap_token(settings: Settings) -> str | None:
    """Read the bootstrap token from the settings, or from the file that they name."""
    if settings.bootstrap_token is not None:
        return settings.bootstrap_token.get_secret_value().strip()
    path = settings.bootstrap_token_file
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Unusable(f"The bootstrap token in {path} cannot be read: {reason}.") from error


@contextmanager
def opened(settings: Settings) -> Iterator[Sessions]:
    """Sessions on the database of the settings, for a moment."""
    engine = build_engine(settings.url)
    try:
        yield build_sessions(engine)
    finally:
        engine.dispose()


# A client that never ends its request must not keep the service from stopping.
SHUTDOWN_S = 10


def migrate_and_serve(settings: Settings) -> None:
    """Serve until the process is told to stop; raises `Unusable`."""
    set_up_logs(settings)
    spool_to(settings.data_dir / "incoming")
    # The port first: a second `serve` must not migrate under the feet of the first.
    with listen(settings.host, settings.port) as listener:
        migrate_database(settings)
        check_admission(settings)
        typer.echo(f"Flakescope serves at {address_of(listener)} (Ctrl-C stops it)")
        with leaving_in_order(), ExitStack() as beside:
            run_server(settings, listener, beside)


def spool_to(folder: Path) -> None:
    """Let bodies that come wait in a folder: the system's for such files may be in memory."""
    with suppress(OSError):  # what cannot be written is told where the database is
        # What a process left that was killed; a file without a name is gone by itself.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.tempdir = str(folder)


def run_server(settings: Settings, listener: socket.socket, beside: ExitStack) -> None:
    """Serve on a listening socket until the process is told to stop; the worker runs `beside`."""

    def begin_worker() -> None:
        if settings.embedded_worker:
            beside.enter_context(embedded_worker(settings))

    try:
        Server(server_config(settings), begin_worker).run(sockets=[listener])
    except KeyboardInterrupt:
        return  # the server has stopped in good order


class Server(uvicorn.Server):
    """Calls `begun` once it answers: what starts beside it shall not keep it from its own start.

    It ends the streams of events first: else it would wait for them, who never end.
    """

    def __init__(self, config: uvicorn.Config, begun: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if self.started and self._begun is not None:
            self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        parts: Parts | None = getattr(self.config.app.state, "parts", None)  # type: ignore[union-attr]
        if parts is not None:
            parts.feed.end_streams()
        await super().shutdown(sockets)


def server_config(settings: Settings) -> uvicorn.Config:
    """Build the uvicorn configuration that serves the app."""
    return uvicorn.Config(
        create_app(settings),
        http=PatientProtocol,
        log_config=None,
        # Ours has the request id: `service.http.guard`.
        access_log=False,
        server_header=False,
        # The guard refuses in words; this only bounds what comes in pieces.
        h11_max_incomplete_event_size=8 * MOST_HEADER_BYTES,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
