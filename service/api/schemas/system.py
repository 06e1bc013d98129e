"""The state of the service, for a settings page."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from service.api.schemas.base import Shown, example

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
    """Where the network was asked to run, and where it does."""

    model_config = example(SYSTEM["provider"])

    asked: Literal["auto", "cpu", "cuda"]
    active: str | None = Field(
        description="onnxruntime's name of it; None where no model is in service."
    )


class UsedDatabase(Shown):
    """What the tables are in."""

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
