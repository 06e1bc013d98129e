"""Access tokens and the audit log, for administrators."""

from dataclasses import asdict

from fastapi import APIRouter

from service.api.access import ADMIN
from service.api.parts import SessionsDep
from service.api.schemas.access import AuditPage, MadeToken, NewToken, Token, Tokens
from service.scans import audit, tokens

router = APIRouter(prefix="/v1", tags=["access"], dependencies=[ADMIN])


@router.get("/tokens")
def list_tokens(sessions: SessionsDep) -> Tokens:
    """Every token that was ever made, newest first, without its text."""
    return Tokens(items=[Token.model_validate(one) for one in tokens.list_tokens(sessions)])


@router.post("/tokens", status_code=201)
def create_token(new: NewToken, sessions: SessionsDep) -> MadeToken:
    """Make a token; the answer holds its text, which is shown this once.

    From the first token on a service on a loopback address is no longer open.
    """
    made = tokens.create_token(sessions, new.name, new.role, expires_days=new.expires_days)
    return MadeToken(**asdict(made.view), token=made.text)


@router.delete("/tokens/{name}")
def revoke_token(name: str, sessions: SessionsDep) -> Token:
    """Revoke a token, at once; its name stays in reviews and in the audit log."""
    return Token.model_validate(tokens.revoke_token(sessions, name))


@router.get("/audit")
def list_audit(sessions: SessionsDep, limit: int = 100, cursor: str | None = None) -> AuditPage:
    """What administrators did, newest first."""
    return AuditPage.model_validate(audit.list_audit(sessions, limit=limit, cursor=cursor))
