"""Routes of access tokens, the audit log, and the browser session."""

from typing import Literal, TypedDict

from fastapi import APIRouter, Request, Response

from service.admin import audit, tokens
from service.admin.schemas import AuditPage, MadeToken, NewSession, NewToken, Session, Token, Tokens
from service.admin.tokens import LOCAL, recognise
from service.http.gate import COOKIE
from service.http.parts import SessionsDep
from service.http.roles import ADMIN, OPERATOR, CallerDep

router = APIRouter(prefix="/v1", tags=["access"], dependencies=[ADMIN])


@router.get("/tokens")
def list_tokens(sessions: SessionsDep) -> Tokens:
    """List every token that was ever made, newest first, without its text."""
    return Tokens(items=tokens.list_tokens(sessions))


@router.post("/tokens", status_code=201)
def create_token(new: NewToken, sessions: SessionsDep) -> MadeToken:
    """Make a token; the answer holds its text, which is shown this once.

    From the first token on a service on a loopback address is no longer open.
    """
    return tokens.create_token(sessions, new.name, new.role, expires_days=new.expires_days)


@router.delete("/tokens/{name}")
def revoke_token(name: str, sessions: SessionsDep) -> Token:
    """Revoke a token, at once; its name stays in reviews and in the audit log."""
    return tokens.revoke_token(sessions, name)


@router.get("/audit")
def list_audit(sessions: SessionsDep, limit: int = 100, cursor: str | None = None) -> AuditPage:
    """List the acts of administrators, newest first."""
    return audit.list_audit(sessions, limit=limit, cursor=cursor)


COOKIE_PATH = "/v1/session/cookie"

session_router = APIRouter(tags=["access"])


class _CookieRules(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["strict"]


@session_router.get("/v1/session", dependencies=[OPERATOR])
def get_session(caller: CallerDep) -> Session:
    """Get the caller's name and role."""
    return Session(name=caller.name, role=caller.role, needs_token=caller.name != LOCAL)


@session_router.post(COOKIE_PATH)
def open_session(
    new: NewSession, request: Request, response: Response, sessions: SessionsDep
) -> Session:
    """Let this browser in: the token becomes a cookie that no script reads."""
    token = recognise(sessions, new.token)
    response.set_cookie(COOKIE, new.token, **_rules(request))
    return Session(name=token.name, role=token.role, needs_token=True)


@session_router.delete(COOKIE_PATH, status_code=204)
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
