"""Tokens, who is there, and what administrators did."""

from datetime import datetime
from typing import Any, Literal

from service.api.schemas.base import Given, Shown, example

TOKEN: dict[str, Any] = {
    "name": "microscope 2",
    "role": "operator",
    "created_at": "2026-11-20T09:00:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": "2026-11-20T10:12:00Z",
}

TOKEN_TEXT = "flk_0nDfuKOpzYyMyQ2PvmDqzYrRjFZ5E2hTnC1m8sX7aBc"


class NewToken(Given):
    """A token to be made."""

    model_config = example({"name": "microscope 2", "role": "operator", "expires_days": 365})

    name: str
    role: Literal["operator", "admin"]
    expires_days: int | None = None


class Token(Shown):
    """A token without its text."""

    model_config = example(TOKEN)

    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class MadeToken(Token):
    """A token with its text, which is shown this once."""

    model_config = example(TOKEN | {"token": TOKEN_TEXT})

    token: str


class Tokens(Shown):
    """Every token that was ever made, newest first."""

    model_config = example({"items": [TOKEN]})

    items: list[Token]


class NewSession(Given):
    """A token that a browser shall keep."""

    model_config = example({"token": TOKEN_TEXT})

    token: str


class Session(Shown):
    """Who calls, and what that may do."""

    model_config = example({"name": "microscope 2", "role": "operator", "needs_token": True})

    name: str
    role: str
    needs_token: bool


AUDIT: dict[str, Any] = {
    "id": 12,
    "at": "2026-11-20T10:00:00Z",
    "who": "anna",
    "address": "10.0.0.7",
    "action": "delete_scan",
    "object": "/v1/scans/7",
    "outcome": "done",
}


class AuditEntry(Shown):
    """Something an administrator asked for, and what became of it."""

    model_config = example(AUDIT)

    id: int
    at: datetime
    who: str
    address: str
    action: str
    object: str
    outcome: str | None


class AuditPage(Shown):
    """Entries of the audit log, newest first."""

    model_config = example({"items": [AUDIT], "next_cursor": None})

    items: list[AuditEntry]
    next_cursor: str | None
