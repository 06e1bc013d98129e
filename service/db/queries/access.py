"""Queries about access tokens and the audit log."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from service.db.tables import ApiToken, Audit


def tokens_by_prefix(session: Session, prefix: str) -> list[ApiToken]:
    """Tokens whose digest begins like this."""
    return list(session.scalars(select(ApiToken).where(ApiToken.prefix == prefix)))


def find_living_token(session: Session, name: str) -> ApiToken | None:
    """Find the token of this name that is not revoked."""
    query = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def all_tokens(session: Session) -> list[ApiToken]:
    """List every token that was ever made, newest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.id.desc())))


def any_token(session: Session) -> bool:
    """Tell whether there ever was a token; a revoked one counts."""
    return session.scalar(select(ApiToken.id).limit(1)) is not None


def any_valid_token(session: Session, now: datetime) -> bool:
    """Tell whether any token is valid at this moment."""
    query = (
        select(ApiToken.id)
        .where(
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def note_use(session: Session, token_id: int, at: datetime) -> None:
    """Remember when a token was used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))


def page_of_audit(session: Session, below_id: int | None, limit: int) -> list[Audit]:
    """List audit entries, newest first, from below an id on."""
    query = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if below_id is not None:
        query = query.where(Audit.id < below_id)
    return list(session.scalars(query))
