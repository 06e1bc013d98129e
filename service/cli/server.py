"""A listening socket and the server on it."""

import errno
import socket
from contextlib import AbstractContextManager, nullcontext

import typer
import uvicorn

from service.api.guard import MOST_HEADER_BYTES
from service.api.parts import Parts
from service.app import create_app
from service.cli.admission import check_admission
from service.cli.database import migrate_database
from service.cli.embedded import embedded_worker
from service.cli.errors import Unusable
from service.cli.leaving import leaving_in_order
from service.cli.logs import set_up_logs
from service.cli.slow_start import PatientProtocol
from service.settings import Settings

# A client that never ends its request must not keep the service from stopping.
SHUTDOWN_S = 10


def migrate_and_serve(settings: Settings) -> None:
    """Serve until the process is told to stop; raises `Unusable`."""
    set_up_logs(settings)
    # The port first: a second `serve` must not migrate under the feet of the first.
    with listen(settings.host, settings.port) as listener:
        migrate_database(settings)
        check_admission(settings)
        typer.echo(f"Flakescope serves at {address_of(listener)} (Ctrl-C stops it)")
        with leaving_in_order(), _worker(settings):
            run_server(settings, listener)


def _worker(settings: Settings) -> AbstractContextManager[None]:
    return embedded_worker(settings) if settings.embedded_worker else nullcontext()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises `Unusable` where it cannot, as on a port that is taken."""
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
    """URL under which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on a listening socket until the process is told to stop."""
    try:
        Server(server_config(settings)).run(sockets=[listener])
    except KeyboardInterrupt:
        return  # the server has stopped in good order


class Server(uvicorn.Server):
    """Ends the streams of events first: else it would wait for them, who never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        parts: Parts | None = getattr(self.config.app.state, "parts", None)  # type: ignore[union-attr]
        if parts is not None:
            parts.feed.end_streams()
        await super().shutdown(sockets)


def server_config(settings: Settings) -> uvicorn.Config:
    """How the app is served."""
    return uvicorn.Config(
        create_app(settings),
        http=PatientProtocol,
        log_config=None,
        # Ours has the request id: `service.api.guard`.
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
