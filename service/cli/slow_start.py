"""Connections on which no call begins: cut off, so that they do not fill the service."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

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
