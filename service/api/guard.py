"""ASGI middleware around every call: its id, the limit of its body, an answer if all fails."""

import logging
import uuid
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import ProblemResponse, problem

_log = logging.getLogger(__name__)


class Guard:
    """Counts the bytes of a body as they come, so that a chunked body cannot pass the limit.

    Every response carries `X-Request-ID`; an error that nothing expected is logged with that id
    and answered with it, without a trace.
    """

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        # Paths whose bodies go to the disk as they come.
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_body_bytes = self._larger.get(scope["path"], self._max_body_bytes)
        call = _Call(receive, send, max_body_bytes, 2 * self._max_body_bytes)
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > max_body_bytes:
            await call.refuse(scope, client_waits="expect" in headers)
            return
        try:
            await self._app(scope, call.receive, call.send)
        except Exception:
            _log.exception("%s %s failed, request %s", scope["method"], scope["path"], call.id)
            if call.answered:
                raise
            await call.fail(scope)


class _Call:
    def __init__(
        self, receive: Receive, send: Send, max_body_bytes: int, max_drained_bytes: int
    ) -> None:
        self.id = uuid.uuid4().hex
        self.answered = False
        self._receive = receive
        self._send = send
        self._max_body_bytes = max_body_bytes
        self._max_drained_bytes = max_drained_bytes
        self._body_bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._body_bytes += len(message.get("body", b""))
        if self._body_bytes > self._max_body_bytes:
            await self._drain()
            raise HTTPException(413, self._limit())
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = True
            MutableHeaders(scope=message)["X-Request-ID"] = self.id
        await self._send(message)

    async def refuse(self, scope: Scope, *, client_waits: bool) -> None:
        # After `Expect: 100-continue` the client sends nothing before it is told to.
        if not client_waits:
            await self._drain()
        await self._answer(scope, problem(413, self._limit(), name="too-large"))

    async def fail(self, scope: Scope) -> None:
        detail = "The service failed on this request; its log says more under the request id."
        await self._answer(scope, problem(500, detail, request_id=self.id))

    async def _answer(self, scope: Scope, response: ProblemResponse) -> None:
        await response(scope, self._receive, self.send)

    async def _drain(self) -> None:
        # A client that still sends when the connection closes sees a reset, not the answer.
        # So much is read and dropped for its sake; who sends more is cut off.
        most_bytes = self._body_bytes + self._max_drained_bytes
        while self._body_bytes < most_bytes:
            message = await self._receive()
            self._body_bytes += len(message.get("body", b""))
            if not message.get("more_body"):
                return

    def _limit(self) -> str:
        return f"The body is over the limit of {self._max_body_bytes} bytes."
