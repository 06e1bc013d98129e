"""A listening socket and the server on it."""

import errno
import ipaddress
import logging
import socket
from contextlib import AbstractContextManager, nullcontext

import typer
import uvicorn

from service.app import create_app
from service.cli.database import migrate_database
from service.cli.embedded import embedded_worker
from service.cli.errors import Unusable
from service.cli.leaving import leaving_in_order
from service.settings import Settings

# A client that never ends its request must not keep the service from stopping.
SHUTDOWN_S = 10


def migrate_and_serve(settings: Settings) -> None:
    """Serve until the process is told to stop; raises `Unusable`."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The port first: a second `serve` must not migrate under the feet of the first.
    with listen(settings.host, settings.port) as listener:
        migrate_database(settings)
        typer.echo(f"Flakescope serves at {address_of(listener)} (Ctrl-C stops it)")
        with leaving_in_order(), _worker(settings):
            run_server(settings, listener)


def _worker(settings: Settings) -> AbstractContextManager[None]:
    return embedded_worker(settings) if settings.embedded_worker else nullcontext()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on a loopback address.

    Raises
    ------
    Unusable
        The address is not loopback, or the port is taken.
    """
    _check_loopback(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Unusable(
                f"Port {port} of {host} is in use; name another with --port, or 0 for a free one."
            ) from error
        raise Unusable(f"Cannot listen on {host}, port {port}: {error.strerror}.") from error


def address_of(listener: socket.socket) -> str:
    """URL under which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on a listening socket until the process is told to stop."""
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        # One line a tile would hide what matters; a proxy keeps such a log.
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return  # the server has stopped in good order


def _check_loopback(host: str) -> None:
    # Not resolved: whether a name stays loopback is up to a name server.
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise Unusable(
            f"Refuses to serve on {host}: there are no access tokens yet, so whoever reaches the "
            "address could read and delete everything. Use 127.0.0.1, ::1 or localhost."
        )
