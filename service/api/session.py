"""A browser's session: the token in a cookie that no script can read.

Pictures, downloads and streams of events are asked for by the browser itself, without a header.
"""

from typing import Literal, TypedDict

from fastapi import APIRouter, Request, Response

from service.api.access import OPERATOR, CallerDep
from service.api.gate import COOKIE
from service.api.parts import SessionsDep
from service.api.schemas.access import NewSession, Session
from service.scans.tokens import LOCAL, recognise

COOKIE_PATH = "/v1/session/cookie"

router = APIRouter(tags=["access"])


class _CookieRules(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["strict"]


@router.get("/v1/session", dependencies=[OPERATOR])
def get_session(caller: CallerDep) -> Session:
    """Who calls, and what that may do."""
    return Session(name=caller.name, role=caller.role, needs_token=caller.name != LOCAL)


@router.post(COOKIE_PATH)
def open_session(
    new: NewSession, request: Request, response: Response, sessions: SessionsDep
) -> Session:
    """Let this browser in: the token becomes a cookie that no script reads."""
    token = recognise(sessions, new.token)
    response.set_cookie(COOKIE, new.token, **_rules(request))
    return Session(name=token.name, role=token.role, needs_token=True)


@router.delete(COOKIE_PATH, status_code=204)
def close_session(request: Request, response: Response) -> None:
    """Let this browser forget its token; the token itself stays valid."""
    response.delete_cookie(COOKIE, **_rules(request))


def _rules(request: Request) -> _CookieRules:
    return {
        "path": request.scope.get("root_path") or "/",
        "secure": request.url.scheme == "https",
        "httponly": True,
        "samesite": "strict",
    }
