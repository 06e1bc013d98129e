"""Calls of one service: tried again while it is away or busy, ended where it refuses."""

import ipaddress
from typing import Any

import httpx

from flakescope.client.errors import Refused, Unreachable
from flakescope.client.patience import Patience

# A large image on a slow computer takes this long at most.
TIMEOUT_S = 120.0
CONNECT_S = 5.0

# Passing: timed out, too many requests, a proxy without its service, the service is busy, or its
# disk is full.
_PASSING = frozenset({408, 425, 429, 502, 503, 504, 507})
# A fault inside the service may pass, as while it stops; one that does not belongs to the image.
_MOST_FAULTS = 5

Json = dict[str, Any]


class Connection:
    """A service at an address, from any number of threads."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"{url!r} is no address of a service, as http://127.0.0.1:8000 is.")
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S),
            # The proxy of a lab does not lead back to this computer.
            trust_env=not _is_loopback(parsed.host),
        )

    def call(self, method: str, path: str, patience: Patience, **request: Any) -> httpx.Response:
        """Call the service, retrying: the call may be repeated without harm.

        Raises
        ------
        Refused
            The service refuses, with its words; or fails on this call again and again.
        Unreachable
            The patience is over.
        """
        faults = 0
        while True:
            retry_after = None
            try:
                answer = self._http.request(method, path, **request)
            except httpx.TransportError as error:
                reason = f"The service at {self.url} does not answer: {error or type(error)}."
            else:
                faults += answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
                if not _may_pass(answer, faults):
                    return _accepted(answer)
                reason = f"{detail_of(answer)} (status {answer.status_code})"
                retry_after = answer.headers.get("Retry-After")
            if not patience.pause(retry_after):
                raise Unreachable(reason)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


def detail_of(answer: httpx.Response) -> str:
    """Read from an answer what the service says was wrong."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or answer.reason_phrase


def _may_pass(answer: httpx.Response, faults: int) -> bool:
    if answer.status_code in _PASSING:
        return True
    return answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR and faults < _MOST_FAULTS


def _accepted(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise Refused(detail_of(answer), answer.status_code)
    return answer


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
