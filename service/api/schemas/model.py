"""Model versions and the service's state."""

from datetime import datetime
from typing import Any

from service.api.schemas.base import Shown, example

MODEL: dict[str, Any] = {
    "version": "graphene-1",
    "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "architecture": "small-cnn",
    "input_size_px": 64,
    "threshold": 0.5,
    "temperature": 1.31,
    "data_digest": "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
    "metrics": {"average_precision": 0.95},
    "provenance": {"created": "2026-11-20T09:00:00Z"},
    "is_active": True,
    "created_at": "2026-11-20T10:00:00Z",
    "promoted_at": "2026-11-20T10:00:00Z",
}


class ModelVersion(Shown):
    """One exported network."""

    model_config = example(MODEL)

    version: str
    sha256: str
    architecture: str | None
    input_size_px: int
    threshold: float
    temperature: float
    data_digest: str
    metrics: dict[str, Any]
    provenance: dict[str, Any]
    is_active: bool
    created_at: datetime
    promoted_at: datetime | None


class ModelVersions(Shown):
    """Every model version, newest first."""

    model_config = example({"items": [MODEL]})

    items: list[ModelVersion]


class Alive(Shown):
    """The process answers."""

    model_config = example({"status": "ok", "version": "0.1.0"})

    status: str
    version: str


class Ready(Shown):
    """The service can screen."""

    model_config = example(
        {
            "status": "ready",
            "database": "sqlite",
            "model_version": "graphene-1",
            "provider": "CPUExecutionProvider",
        }
    )

    status: str
    database: str
    model_version: str
    provider: str
