"""Schemas of tokens, of the audit log, and of the state of the service."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from service.schemas import Given, Shown, example

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
    """A caller's session: its name, its role, and whether it needs a token."""

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


SYSTEM: dict[str, Any] = {
    "version": "0.1.0",
    "started_at": "2026-11-20T08:00:00Z",
    "uptime_s": 5412.5,
    "provider": {"asked": "auto", "active": "CPUExecutionProvider"},
    "model_version": "graphene-1",
    "preprocessing_version": "1",
    "database": {"kind": "sqlite"},
    "queues": [{"name": "live", "waiting": 0, "running": 1}],
    "tiles": {"queued": 12, "screened": 240, "failed": 0},
    "workers": [{"name": "lab-1", "kind": "worker", "alive": True, "seen_s": 1.2}],
    "disk": {"free_bytes": 90_000_000_000, "total_bytes": 500_000_000_000, "reserve_bytes": 2**30},
    "warnings": [],
}


class ActiveProvider(Shown):
    """The onnxruntime provider: the one asked for, and the one that is active."""

    model_config = example(SYSTEM["provider"])

    asked: Literal["auto", "cpu", "cuda"]
    active: str | None = Field(
        description="onnxruntime's name of it; None where no model is in service."
    )


class UsedDatabase(Shown):
    """The database that the tables are in."""

    model_config = example(SYSTEM["database"])

    kind: str = Field(description="sqlite or postgresql")


class QueueDepth(Shown):
    """Jobs of one queue."""

    model_config = example(SYSTEM["queues"][0])

    name: str
    waiting: int
    running: int


class StoredTiles(Shown):
    """Tiles of all scans by state."""

    model_config = example(SYSTEM["tiles"])

    queued: int
    screened: int
    failed: int


class SeenWorker(Shown):
    """A process that runs jobs."""

    model_config = example(SYSTEM["workers"][0])

    name: str
    kind: Literal["worker", "trainer"]
    alive: bool
    seen_s: float = Field(description="Seconds since its last sign of life.")


class Disk(Shown):
    """The disk of the data folder."""

    model_config = example(SYSTEM["disk"])

    free_bytes: int
    total_bytes: int
    reserve_bytes: int = Field(description="With less free, uploads are refused.")


class System(Shown):
    """The state of the service."""

    model_config = example(SYSTEM)

    version: str = Field(description="Of the service.")
    started_at: datetime
    uptime_s: float
    provider: ActiveProvider
    model_version: str | None = Field(description="What screens; None where nothing can.")
    preprocessing_version: str = Field(description="A model must have been made for it.")
    database: UsedDatabase
    queues: list[QueueDepth]
    tiles: StoredTiles
    workers: list[SeenWorker]
    disk: Disk
    warnings: list[str] = Field(description="What should be known, in words.")
