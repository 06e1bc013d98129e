"""Patience: a service that restarts is back within a minute, and then goes on where it was."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx

# A restart with a migration of a large database takes this long at most.
PATIENCE_S = 90.0
_EVERY_S = 1.0

Answer = TypeVar("Answer")


def patiently(
    call: Callable[[], Answer],
    *,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """What a call gives that may be made again; again and again while the service is away.

    Raises
    ------
    httpx.TransportError
        It stayed away.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return call()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            sleep(_EVERY_S)
