"""A listening socket."""

import errno
import socket

from service.cli.errors import Unusable


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
