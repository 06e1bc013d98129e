"""Call a service from a command: its address, its token, and the calls of acquisition software."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import httpx
import typer

from service.errors import Busy, FlakescopeError
from service.processes.setup import Unusable

# A large image on a slow computer takes this long at most.
TIMEOUT_S = 120.0
# The service says when to come back; this many times is minutes, and then something is wrong.
MOST_TRIES = 60
LONGEST_PAUSE_S = 30.0
PAGE = 100

# Too much at once, for the service or from this client.
_LATER = (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS)

Json = dict[str, Any]


class Refused(FlakescopeError):
    """The service did not accept a call; the message is the service's, `reasons` if it gave any."""

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reasons = list(reasons)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image to post, and where on the chip it was taken if that is known."""

    name: str
    content: bytes
    form: Json


class Client:
    """Calls of one service."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def open_scan(self, **fields: object) -> int:
        """Open a scan; gives its id."""
        return int(self.call("POST", "/v1/scans", json=fields)["id"])

    def post_tile(self, scan_id: int, image: ImageFile) -> list[Json]:
        """Post one tile; gives every flake on it, graphene or not."""
        answer = self.call(
            "POST",
            f"/v1/scans/{scan_id}/tiles",
            files={"image": (image.name, image.content)},
            data=image.form | {"name": image.name},
        )
        flakes: list[Json] = answer["flakes"]
        return flakes

    def graphene(self, scan_id: int) -> list[Json]:
        """List every graphene flake of a scan, merged over its tiles."""
        flakes: list[Json] = []
        query: Json = {"graphene": "true", "limit": PAGE}
        while True:
            page = self.call("GET", f"/v1/scans/{scan_id}/flakes", params=query)
            flakes += page["items"]
            if page["next_cursor"] is None:
                return flakes
            query = query | {"cursor": page["next_cursor"]}

    def call(self, method: str, path: str, **request: Any) -> Json:
        """Call and retry; raises `Refused` where the service refuses, `Busy` if it stays busy."""
        for _ in range(MOST_TRIES):
            answer = self._http.request(method, path, **request)
            if answer.status_code not in _LATER:
                return _read(answer)
            if "Retry-After" not in answer.headers:
                # Not too busy for this call but unfit for all: the answer says why.
                return _read(answer)
            time.sleep(min(float(answer.headers["Retry-After"]), LONGEST_PAUSE_S))
        raise Busy(f"{path}: still busy after {MOST_TRIES} tries", retry_after_s=1)


def _read(answer: httpx.Response) -> Json:
    if answer.is_success:
        content: Json = answer.json() if answer.content else {}
        return content
    try:
        said = answer.json()
        detail, reasons = str(said["detail"]), said.get("reasons", [])
    except (ValueError, KeyError, TypeError):
        detail, reasons = answer.text[:200], []
    raise Refused(f"{detail} (status {answer.status_code})", reasons)


# ruff: noqa: PLC0415 - late imports are the point


URL = "http://127.0.0.1:8000"

Url = Annotated[str, typer.Option(envvar="FLAKESCOPE_URL", help="Where the service runs.")]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="FLAKESCOPE_TOKEN",
        show_default="none",
        help="Access token; better by the variable, which no list of processes shows.",
    ),
]


@contextmanager
def connected(url: str, token: str | None = None) -> "Iterator[Client]":
    """Connect a client to the service at an address; raises `Unusable` where it does not answer."""
    import httpx

    from service.cli.client import TIMEOUT_S, Client

    timeout = httpx.Timeout(TIMEOUT_S, write=None, read=None)
    try:
        with httpx.Client(base_url=url, timeout=timeout, headers=authorization(token)) as http:
            yield Client(http)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Unusable(f"The service at {url} does not answer: {error}") from error


def authorization(token: str | None) -> dict[str, str]:
    """Build the header that shows a token; raises `Unusable` where it cannot stand in a header."""
    if not token or not token.strip():
        return {}
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Unusable("The access token has characters that no token has.")
    return {"Authorization": f"Bearer {token}"}


# A restart with a migration of a large database takes this long at most.
PATIENCE_S = 90.0
_RETRY_EVERY_S = 1.0

Answer = TypeVar("Answer")


def patiently(
    call: Callable[[], Answer],
    *,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Retry a call that may be made again, while the service is away.

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
            sleep(_RETRY_EVERY_S)
