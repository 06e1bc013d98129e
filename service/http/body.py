"""The body of a call as it comes: how large it may be, and how slow."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from service.budget import Budget
from service.http.problems import ProblemResponse, problem


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The limits of a body in bytes and time.

    Attributes
    ----------
    max_bytes : int
    drained_bytes : int
        So much of one that was refused is read and dropped, for the sake of its client.
    patience_s, least_bytes_per_s : float
        Who sends may be late by so much, and for every so many bytes a second more.
    """

    max_bytes: int
    drained_bytes: int
    patience_s: float
    least_bytes_per_s: float

    def of(self, max_bytes: int) -> "BodyLimits":
        """Copy the limits for a larger body."""
        return replace(self, max_bytes=max_bytes)


# Nobody waits long for another's body: it comes, is screened, and is gone.
_RETRY_AFTER_S = 2


class Body:
    """Receives a body within its limits.

    Parameters
    ----------
    flight : Budget or None
        Bytes of all bodies that may be in memory at once; None where they go to the disk as they
        come.
    """

    def __init__(self, receive: Receive, limits: BodyLimits, flight: Budget | None) -> None:
        self._receive = receive
        self._limits = limits
        self._flight = flight
        self._in_flight_bytes = 0
        self._bytes = 0
        self._waited_s = 0.0
        self._is_whole = False

    async def receive(self) -> Message:
        """Receive the next message; raises `HTTPException` 413 or 408."""
        message = await self._next()
        if self._bytes > self._limits.max_bytes:
            await self._drain()
            raise HTTPException(413, self._too_large())
        self._count(len(message.get("body", b"")))
        return message

    def close(self) -> None:
        """Let others have the bytes: what came has been answered."""
        if self._flight is not None:
            self._flight.give_back(self._in_flight_bytes)
            self._in_flight_bytes = 0

    def _count(self, some_bytes: int) -> None:
        if self._flight is None or not some_bytes:
            return
        if not self._flight.fits(some_bytes):
            raise HTTPException(
                503,
                f"Bodies of {self._flight.used} bytes are being received and worked on; "
                f"{self._flight.most} are allowed at once.",
                # What would still come is not read.
                headers={"Retry-After": str(_RETRY_AFTER_S), "Connection": "close"},
            )
        self._in_flight_bytes += some_bytes

    def is_announced_too_large(self, headers: Headers) -> bool:
        """Tell whether the announced length of a body is already too large."""
        length = headers.get("content-length", "0")
        return length.isdecimal() and int(length) > self._limits.max_bytes

    async def refusal(self, headers: Headers) -> ProblemResponse:
        """Build the answer to a body that is announced too large."""
        # After `Expect: 100-continue` the client sends nothing before it is told to.
        if "expect" not in headers:
            await self._drain()
        return problem(413, self._too_large(), name="too-large")

    async def _next(self) -> Message:
        if self._is_whole:
            # What comes now is that the client goes away, some time.
            return await self._receive()
        limits = self._limits
        left_s = limits.patience_s + self._bytes / limits.least_bytes_per_s - self._waited_s
        started = time.monotonic()
        try:
            async with asyncio.timeout(left_s):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(
                408,
                f"The body comes too slowly: {self._bytes} bytes in {self._waited_s + left_s:.0f} "
                f"s; {limits.least_bytes_per_s:g} bytes a second are needed.",
                # What would still come is not read.
                headers={"Connection": "close"},
            ) from error
        self._waited_s += time.monotonic() - started
        self._bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message

    async def _drain(self) -> None:
        # A client that still sends when the connection closes sees a reset, not the answer.
        # So much is read and dropped for its sake; who sends more is cut off.
        most_bytes = self._bytes + self._limits.drained_bytes
        # Nor longer than it may take: it is refused in any case.
        with suppress(HTTPException):
            while self._bytes < most_bytes and not self._is_whole:
                await self._next()

    def _too_large(self) -> str:
        return f"The body is over the limit of {self._limits.max_bytes} bytes."
