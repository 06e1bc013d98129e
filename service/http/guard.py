"""ASGI middleware around every call: its id, its limits, headers, an answer if all fails."""

import logging
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.budget import Budget
from service.http.body import Body, BodyLimits
from service.http.call import Call, begin_call
from service.http.gate import address_of_caller
from service.http.metrics import Metrics
from service.http.problems import ProblemResponse, problem

# Scripts only from here, none inline. Styles may stand in the page: Swagger UI and plots set them.
# data: and blob: are pictures that a page got with its token.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_log = logging.getLogger(__name__)

# One line a call.
access_log = logging.getLogger("flakescope.access")

# A token, a cookie, a long query: a browser sends two or three kilobytes.
MOST_HEADER_BYTES = 32 * 2**10

# Bodies that are taken apart in memory: what is three letters there may become a hundred bytes.
_TEXTS = frozenset({"application/json", "application/x-www-form-urlencoded"})
# The longest is a list of all positions of a large scan.
MOST_TEXT_BYTES = 4 * 2**20

# What a proxy or a client calls a call, if it can stand in a log line.
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Limits of every call.

    Attributes
    ----------
    larger_bytes : dict
        By path, for bodies that go to the disk as they come.
    streamed : tuple of str
        How paths begin whose bodies go to the disk too.
    flight : Budget
        Bytes of all other bodies that may be in memory at once.
    prefix : str
        Under which a proxy shows the service, whether it takes it off or not: "/flakes".
    """

    limits: BodyLimits
    larger_bytes: Mapping[str, int] = field(default_factory=dict)
    streamed: tuple[str, ...] = ()
    flight: Budget = field(default_factory=lambda: Budget(2**63))
    prefix: str = ""

    def body_of(self, scope: Scope, headers: Headers, receive: Receive) -> Body:
        """The body of a call, within its limits."""
        path = get_route_path(scope)
        if path in self.larger_bytes:
            return Body(receive, self.limits.of(self.larger_bytes[path]), None)
        if path.startswith(self.streamed):
            return Body(receive, self.limits, None)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        most_bytes = self.limits.max_bytes
        if kind in _TEXTS:
            most_bytes = min(most_bytes, MOST_TEXT_BYTES)
        return Body(receive, self.limits.of(most_bytes), self.flight)

    def placed(self, scope: Scope) -> Scope:
        """Put the call under the prefix, so that what is linked leads back through the proxy."""
        path = scope["path"]
        if not self.prefix:
            return scope
        if path != self.prefix and not path.startswith(f"{self.prefix}/"):
            path = self.prefix + path
        return {**scope, "root_path": self.prefix, "path": path}


class Guard:
    """Counts and times a body as it comes, so that a chunked or a slow one cannot pass.

    Every response carries `X-Request-ID` and the security headers; an error that nothing expected
    is logged with that id and answered with it, without a trace.
    """

    def __init__(self, app: ASGIApp, rules: GuardRules, metrics: Metrics) -> None:
        self._app = app
        self._rules = rules
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = self._rules.placed(scope)
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        call = Call(given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex)
        begin_call(call)
        body = self._rules.body_of(scope, headers, receive)
        answer = _Answer(scope, send, call)
        started = time.perf_counter()
        try:
            if sum(len(name) + len(value) for name, value in headers.raw) > MOST_HEADER_BYTES:
                await answer.give(_headers_too_large())
            elif _has_nul(scope):
                await answer.give(problem(400, "The address holds a NUL character."))
            elif body.is_announced_too_large(headers):
                await answer.give(await body.refusal(headers))
            else:
                await self._app(scope, body.receive, answer.send)
        except Exception:
            _log.exception("%s %s failed, request %s", scope["method"], scope["path"], call.id)
            if answer.status is not None:
                raise
            await answer.give(_failed(call))
        finally:
            body.close()
            self._note(scope, call, answer.status, time.perf_counter() - started)

    def _note(self, scope: Scope, call: Call, status: int | None, duration_s: float) -> None:
        # 499: the client went away before there was an answer.
        status = status or 499
        self._metrics.called(scope["method"], _route_of(scope), status, duration_s)
        for name, value in scope.get("path_params", {}).items():
            if name in {"scan_id", "tile_id", "flake_id"}:
                call.ids.setdefault(name, value)
        access_log.info(
            "%s %s %d %.0f ms",
            scope["method"],
            # Without the query, as without the headers: neither is anybody else's to read.
            get_route_path(scope),
            status,
            1000 * duration_s,
            extra={"address": address_of_caller(scope), "status": status},
        )


class _Answer:
    """An answer that leaves: with the id and the security headers; `status` once it has begun."""

    def __init__(self, scope: Scope, send: Send, call: Call) -> None:
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._call = call

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._call.id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def give(self, response: ProblemResponse) -> None:
        await response(self._scope, _nothing, self.send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _failed(call: Call) -> ProblemResponse:
    detail = "The service failed on this request; its log says more under the request id."
    return problem(500, detail, request_id=call.id)


def _headers_too_large() -> ProblemResponse:
    detail = f"The headers are over the limit of {MOST_HEADER_BYTES} bytes."
    return problem(431, detail, name="too-large")


def _has_nul(scope: Scope) -> bool:
    """No name, id or text has one; files and databases would each say so in another way."""
    return "\0" in scope["path"] or b"%00" in scope.get("query_string", b"")


def _route_of(scope: Scope) -> str:
    """Get the route's name: a path has ids in it, and unserved paths have no end."""
    return str(getattr(scope.get("route"), "name", None) or "none")
