"""A connection of a command to a service: its address, and the token that opens it.

What connects is imported when it runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415 - late imports are the point

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.errors import Unusable

if TYPE_CHECKING:
    from service.cli.demo_client import Client

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
    """A client of the service at an address; raises `Unusable` where it does not answer."""
    import httpx

    from service.cli.demo_client import TIMEOUT_S, Client

    timeout = httpx.Timeout(TIMEOUT_S, write=None, read=None)
    try:
        with httpx.Client(base_url=url, timeout=timeout, headers=authorization(token)) as http:
            yield Client(http)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Unusable(f"The service at {url} does not answer: {error}") from error


def authorization(token: str | None) -> dict[str, str]:
    """The header that shows a token; raises `Unusable` where it cannot stand in a header."""
    if not token or not token.strip():
        return {}
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Unusable("The access token has characters that no token has.")
    return {"Authorization": f"Bearer {token}"}
