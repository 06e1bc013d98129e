"""Floor: the same bytes to another process and back over loopback, and nothing else."""

import multiprocessing
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LENGTH = struct.Struct("<Q")
_CHUNK_BYTES = 1 << 20


@contextmanager
def copying() -> Iterator[Callable[[bytes], float]]:
    """A function that gives the milliseconds of one copy there and back."""
    # Spawned: a fork after OpenCV's threads began may hang.
    context = multiprocessing.get_context("spawn")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = context.Process(target=_send_back, args=(listener,), daemon=True)
        process.start()
        with socket.create_connection(listener.getsockname()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def copy(content: bytes) -> float:
                began = time.perf_counter()
                connection.sendall(_LENGTH.pack(len(content)) + content)
                _receive(connection, len(content))
                return 1000 * (time.perf_counter() - began)

            yield copy
        process.join(10)


def _send_back(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while head := _receive(connection, _LENGTH.size):
            connection.sendall(_receive(connection, _LENGTH.unpack(head)[0]))


def _receive(connection: socket.socket, count: int) -> bytes:
    """So many bytes, or none where the other side hung up."""
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), _CHUNK_BYTES))
        if not part:
            return b""
        parts += part
    return bytes(parts)
