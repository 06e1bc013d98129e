"""ASGI middleware that authenticates before a body is received, and limits the rate of calls."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.admin.tokens import LOCAL, is_open, recognise
from service.db.engine import Sessions
from service.errors import InvalidToken, NotAllowed
from service.http.call import current_call
from service.http.origins import check_local, check_origin
from service.http.problems import ProblemResponse, database_problem, named_problem, problem
from service.http.roles import ADMIN_ROLE, NEEDS_TOKEN, Caller

# So many seconds of calls may come at once: a page with its pictures, a burst of tiles.
BURST_S = 5.0

# Who was not seen among so many others has a full bucket again, or nearly.
MOST_BUCKETS = 10_000


class Limiter:
    """Token buckets by key; at most `MOST_BUCKETS` of them are kept.

    Parameters
    ----------
    per_s : float
        Calls a second that last; 0 = no limit.
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(1.0, per_s * BURST_S)
        self._clock = clock
        self._lock = threading.Lock()
        # Calls that are left, and when that was.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one call from a bucket: 0, or the seconds until there is one."""
        if self._per_s <= 0:
            return 0.0
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(key, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_s)
            wait_s = 0.0 if left >= 1 else (1 - left) / self._per_s
            self._buckets[key] = (left if wait_s else left - 1, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return wait_s


# A browser cannot send a header with a picture, a download or a stream of events.
COOKIE = "flakescope_token"

# Nobody has a longer one; it need not be hashed to be refused.
_LONGEST_TOKEN = 512


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of admission to the service.

    Attributes
    ----------
    is_local : bool
        The service listens on loopback: without any token it is open.
    stays_open : bool
        There it is open even when there are tokens.
    allowed_origins : tuple of str
        Web pages elsewhere that may call.
    calls, failures : Limiter
        By token, and of wrong tokens by address: nobody guesses one, but each asks the database.
    open_paths : tuple of str
        Calls of the API that need nobody's name; the cookie's are looked at in their route.
    """

    is_local: bool
    stays_open: bool = False
    allowed_origins: tuple[str, ...] = ()
    open_paths: tuple[str, ...] = ()
    calls: Limiter = field(default_factory=lambda: Limiter(0))
    failures: Limiter = field(default_factory=lambda: Limiter(0))


# All that anybody may know then, in the text format of Prometheus.
NO_DATABASE = "# TYPE flakescope_database_up gauge\nflakescope_database_up 0.0\n"


class Gate:
    """Notes the caller of each call in its state, or answers that nobody may come in so."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one call in or answer it (ASGI 3)."""
        refusal = await self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        path = get_route_path(scope)
        address = address_of_caller(scope)
        if path in self._rules.open_paths and path.startswith("/v1/"):
            # A token stands in its body: whether it is wrong is not known yet.
            return _limited(self._rules.failures, address)
        if path in self._rules.open_paths or not path.startswith(("/v1/", "/metrics")):
            return None
        try:
            caller = await self._caller(scope, address)
        except NotAllowed as error:
            return named_problem(error)
        except InvalidToken as error:
            return _limited(self._rules.failures, address) or named_problem(error)
        except (DatabaseError, NoConnection) as error:
            return _without_database(scope, path, error)
        scope.setdefault("state", {})["caller"] = caller
        if (call := current_call()) is not None:
            call.who = caller.name
        # Who sits at the machine itself can do worse than call often.
        return None if caller.name == LOCAL else _limited(self._rules.calls, caller.name)

    async def _caller(self, scope: Scope, address: str) -> Caller:
        headers = Headers(scope=scope)
        sessions: Sessions = scope["app"].state.parts.stores.sessions
        text = _bearer(headers)
        if text is None:
            text = cookie_parser(headers.get("cookie", "")).get(COOKIE)
            # What a browser adds by itself proves nothing about the page that made it call.
            check_origin(scope["method"], headers, self._rules.allowed_origins)
        if text is not None:
            token = await run_in_threadpool(recognise, sessions, text)
            return Caller(token.name, token.role, address)
        if not await self._is_open(sessions):
            raise InvalidToken(NEEDS_TOKEN)
        check_local(headers)
        return Caller(LOCAL, ADMIN_ROLE, address)

    async def _is_open(self, sessions: Sessions) -> bool:
        rules = self._rules
        if not rules.is_local or rules.stays_open:
            return rules.is_local
        return await run_in_threadpool(is_open, sessions)


def _without_database(scope: Scope, path: str, error: Exception) -> Response:
    if path == "/metrics":
        # Nobody can be recognised, and this is what the alarm waits for.
        return PlainTextResponse(NO_DATABASE)
    return database_problem(scope["app"].state.said, scope["method"], path, error)


def address_of_caller(scope: Scope) -> str:
    """Find the address from which a call came."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _bearer(headers: Headers) -> str | None:
    scheme, _, text = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    text = text.strip()
    if not 0 < len(text) <= _LONGEST_TOKEN:
        raise InvalidToken(f"A token has 1 to {_LONGEST_TOKEN} characters; this has {len(text)}.")
    return text


def _limited(limiter: Limiter, key: str) -> ProblemResponse | None:
    """Answer 429 where a bucket is empty."""
    wait_s = limiter.take(key)
    if not wait_s:
        return None
    return problem(
        429,
        f"Too many calls: the next is possible in {wait_s:.1f} s.",
        name="too-many-calls",
        headers={"Retry-After": str(math.ceil(wait_s))},
    )
