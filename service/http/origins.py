"""Where a call comes from: what keeps other web pages out of a service without tokens.

A page that a person looks at can send calls to 127.0.0.1 from the person's own browser, and a name
server can make its own name point there (DNS rebinding). Both are told by what the browser says.
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from service.errors import NotAllowed

# They change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is this machine itself.

    Not resolved: whether another name stays loopback is up to a name server.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_local(headers: Headers) -> None:
    """Raise `NotAllowed` where a call without a token was not sent to this machine itself."""
    host = host_of(headers)
    if not is_loopback(host):
        raise NotAllowed(
            f"Without tokens this service answers to localhost only, not to {host[:100]!r}."
        )
    if any(name in headers for name in _FORWARDED):
        raise NotAllowed("A proxy handed this call on: calls from elsewhere need an access token.")


def check_origin(method: str, headers: Headers, allowed: Collection[str]) -> None:
    """Raise `NotAllowed` where another web page would change something."""
    if method in SAFE_METHODS:
        return
    origin = headers.get("origin")
    if origin is None:
        # No browser, or a form that an old one sent.
        if headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}:
            raise NotAllowed("Another web page sent this call.")
        return
    if origin not in allowed and urlsplit(origin).netloc != headers.get("host"):
        raise NotAllowed(f"The web page {origin[:100]!r} may not change anything here.")


def host_of(headers: Headers) -> str:
    """Find the name or address to which a call was sent, without its port."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""
