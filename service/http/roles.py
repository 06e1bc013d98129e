"""Who calls, and what that needs: every route has one of these roles.

`app.include_router` gives all routes of the API the role operator; a route that only an
administrator may call says so itself, `dependencies=[ADMIN]`, and is then in the audit log.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette._utils import get_route_path

from service.admin.audit import Act, begin_act, end_act
from service.db.tables import ROLES
from service.errors import FlakescopeError, InvalidToken, NotAllowed
from service.http.origins import SAFE_METHODS
from service.http.parts import get_sessions

OPERATOR_ROLE, ADMIN_ROLE = ROLES

NEEDS_TOKEN = "This call needs an access token: send it as 'Authorization: Bearer TOKEN'."

# Only described here: `service.http.gate` reads the header before the body is received.
_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="An access token: `flakescope token create NAME`.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request.

    Attributes
    ----------
    name : str
        The token's name, or `LOCAL`.
    address : str
        Where the call came from.
    """

    name: str
    role: str
    address: str


class Needs:
    """A dependency: the caller has at least this role. What an admin changes is written down."""

    def __init__(self, role: str) -> None:
        self.role = role

    async def __call__(
        self,
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> AsyncIterator[None]:
        """Raise `InvalidToken` or `NotAllowed`, or let the call through."""
        caller = await get_caller(request)
        if ROLES.index(caller.role) < ROLES.index(self.role):
            raise NotAllowed(
                f"This call needs the role {self.role}; token {caller.name!r} has {caller.role}."
            )
        if self.role != ADMIN_ROLE or request.method in SAFE_METHODS:
            yield
            return
        sessions = await get_sessions(request)
        act = Act(caller.name, caller.address, request["route"].name, get_route_path(request.scope))
        entry_id = await run_in_threadpool(begin_act, sessions, act)
        try:
            yield
        except Exception as error:
            await run_in_threadpool(end_act, sessions, entry_id, f"refused: {_reason(error)}")
            raise
        await run_in_threadpool(end_act, sessions, entry_id, "done")


async def get_caller(request: Request) -> Caller:
    """Get the caller; raises `InvalidToken` where nobody was let in."""
    caller: Caller | None = request.scope.get("state", {}).get("caller")
    if caller is None:
        raise InvalidToken(NEEDS_TOKEN)
    return caller


# "function": written before the answer leaves, so that nothing is done and not written down.
OPERATOR = Depends(Needs(OPERATOR_ROLE), scope="function")
ADMIN = Depends(Needs(ADMIN_ROLE), scope="function")

CallerDep = Annotated[Caller, Depends(get_caller)]


def _reason(error: Exception) -> str:
    if isinstance(error, FlakescopeError):
        return str(error)
    return "invalid request" if isinstance(error, RequestValidationError) else "failed"
