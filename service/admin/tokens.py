"""Access tokens: made, listed, revoked, recognised.

A token is 256 random bits, so one sha256 is enough to keep it: there is nothing to guess.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from service.admin.schemas import MadeToken, Token
from service.checks import check_one_of, check_text, found
from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.access import (
    all_tokens,
    any_token,
    any_valid_token,
    find_living_token,
    note_use,
    tokens_by_prefix,
)
from service.db.tables import ROLES, ApiToken
from service.errors import Conflict, InvalidToken, InvalidValue

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

# Says what a stray text is; scanners for leaked secrets look for such a beginning.
PREFIX = "flk_"

# Given by the environment, not made here: 32 characters of hex are 128 bits.
LEAST_LETTERS = 32

# Ten years: longer is better said as no end at all.
EXPIRES_DAYS_RANGE = (1, 3650)

# When a token was used is known to the minute; a row written with every call would cost more.
USE_NOTED_EVERY = timedelta(minutes=1)

BOOTSTRAP = "bootstrap"

# Whoever sits at the machine of a service without tokens.
LOCAL = "local"


def create_token(
    sessions: Sessions,
    name: str,
    role: str,
    *,
    expires_days: int | None = None,
    clock: Clock = utc_now,
) -> MadeToken:
    """Create a token.

    Raises
    ------
    InvalidValue
        The name, the role or the number of days is wrong.
    Conflict
        A living token has this name.
    """
    check_text("name", name, longest=100)
    if name in {LOCAL, BOOTSTRAP}:
        raise InvalidValue(f"{name!r} has a meaning of its own: take another name.")
    check_one_of("role", role, ROLES)
    least, most = EXPIRES_DAYS_RANGE
    if expires_days is not None and not least <= expires_days <= most:
        raise InvalidValue(f"expires_days is {expires_days}; it has to be from {least} to {most}.")
    text = PREFIX + secrets.token_urlsafe(32)
    now = clock()
    expires_at = None if expires_days is None else now + timedelta(days=expires_days)
    try:
        with writing(sessions) as session:
            row = _add(session, text, name, role, now)
            row.expires_at = expires_at
            return MadeToken.read(row, token=text)
    except IntegrityError as error:
        raise Conflict(f"There is a token {name!r} already: revoke it, or take another.") from error


def keep_bootstrap_token(sessions: Sessions, text: str) -> None:
    """Let in who has this token, as an administrator, and nobody with the previous one.

    One that was revoked stays revoked. Raises `InvalidValue` where it is too short to be secret.
    """
    if len(text) < LEAST_LETTERS or len(set(text)) < 8:
        raise InvalidValue(
            f"The bootstrap token has {len(text)} characters; at least {LEAST_LETTERS} random ones "
            "are needed: openssl rand -hex 32 makes them."
        )
    try:
        _keep(sessions, text)
    except IntegrityError:
        # Several services start at once: another was first, and now there is a row to find.
        _keep(sessions, text)


def list_tokens(sessions: Sessions) -> list[Token]:
    """List every token that was ever made, newest first."""
    with sessions() as session:
        return [Token.read(token) for token in all_tokens(session)]


def revoke_token(sessions: Sessions, name: str, *, clock: Clock = utc_now) -> Token:
    """Revoke the token of this name; raises `NotFound`."""
    with writing(sessions) as session:
        token = found(find_living_token(session, name), f"living token {name!r}")
        token.revoked_at = clock()
        return Token.read(token)


def is_open(sessions: Sessions) -> bool:
    """Tell whether no token was ever made; revoking the last one does not open the doors again."""
    with sessions() as session:
        return not any_token(session)


def can_anyone_enter(sessions: Sessions, *, clock: Clock = utc_now) -> bool:
    """Tell whether there is a token that is valid now."""
    with sessions() as session:
        return any_valid_token(session, clock())


def recognise(sessions: Sessions, text: str, *, clock: Clock = utc_now) -> Token:
    """Whose token this is; raises `InvalidToken` with the reason where it opens nothing."""
    digest, now = _digest(text), clock()
    with sessions() as session:
        token = _find(session, digest)
        if token is None:
            raise InvalidToken("The token is unknown.")
        if token.revoked_at is not None:
            raise InvalidToken("The token was revoked.")
        if token.expires_at is not None and token.expires_at <= now:
            raise InvalidToken(f"The token expired at {token.expires_at:%Y-%m-%d %H:%M} UTC.")
        used = token.last_used_at
        known, token_id = Token.read(token), token.id
    if used is None or now - used >= USE_NOTED_EVERY:
        _note_use(sessions, token_id, now)
    return known


def _note_use(sessions: Sessions, token_id: int, now: datetime) -> None:
    try:
        with writing(sessions) as session:
            note_use(session, token_id, now)
    except OperationalError:
        # A full disk must not keep out who wants to look, or to delete something.
        _log.warning("When a token was used could not be noted", exc_info=True)


def _keep(sessions: Sessions, text: str) -> None:
    with writing(sessions) as session:
        if _find(session, _digest(text)) is not None:
            return
        previous = find_living_token(session, BOOTSTRAP)
        if previous is not None:
            previous.revoked_at = utc_now()
            session.flush()  # the index allows one living token of a name
        _add(session, text, BOOTSTRAP, "admin", utc_now())


def _add(session: Session, text: str, name: str, role: str, now: datetime) -> ApiToken:
    digest = _digest(text)
    row = ApiToken(name=name, role=role, digest=digest, prefix=_prefix(digest), created_at=now)
    session.add(row)
    session.flush()
    return row


def _find(session: Session, digest: str) -> ApiToken | None:
    # The index tells apart the first letters of a digest, which nobody can choose; the rest is
    # compared in constant time.
    rows = tokens_by_prefix(session, _prefix(digest))
    return next((row for row in rows if hmac.compare_digest(row.digest, digest)), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _prefix(digest: str) -> str:
    return digest[:12]
