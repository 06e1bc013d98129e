"""The server on a listening socket, and its worker."""

import socket
from collections.abc import Callable
from contextlib import ExitStack

import typer
import uvicorn

from service.api.guard import MOST_HEADER_BYTES
from service.api.parts import Parts
from service.app import create_app
from service.cli.admission import check_admission
from service.cli.database import migrate_database
from service.cli.embedded import embedded_worker
from service.cli.leaving import leaving_in_order
from service.cli.listening import address_of, listen
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
        with leaving_in_order(), ExitStack() as beside:
            run_server(settings, listener, beside)


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
    """How the app is served."""
    return uvicorn.Config(
        create_app(settings),
        http=PatientProtocol,
        log_config=None,
        # Ours has the request id: `service.api.guard`.
        access_log=False,
        server_header=False,
        # The guard refuses in words; this only bounds what comes in pieces.
        h11_max_incomplete_event_size=8 * MOST_HEADER_BYTES,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
