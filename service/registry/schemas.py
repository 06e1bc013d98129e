"""Schemas of model versions and of a network that is sent to the registry."""

import json
from datetime import datetime
from typing import Any

from fastapi import UploadFile
from pydantic import Field

from service.errors import InvalidValue
from service.schemas import Given, Shown, check_plain, example

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
    "created_by": None,
    "promoted_at": "2026-11-20T10:00:00Z",
    "promoted_by": "ada",
    "replaced_version": "graphene-0",
    "gate": {
        "reasons": [],
        "figures": {"ms_per_crop": 0.4, "parity_difference": 6.7e-07},
        "forced": False,
        "who": "ada",
        "at": "2026-11-20T10:00:00Z",
    },
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
    created_by: str | None = Field(description="None where the service came with it.")
    promoted_at: datetime | None
    promoted_by: str | None
    replaced_version: str | None = Field(description="Where a rollback goes.")
    gate: dict[str, Any] | None = Field(
        description="What the gate measured and said last: reasons, figures, forced, who, at."
    )


class Promotion(Given):
    """Request to promote a model version."""

    model_config = example({"force": False})

    force: bool = Field(False, description="Against the gate's reasons; it is recorded.")


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
            "workers": 1,
            "waiting": {"live": 0, "batch": 12, "scans": 0, "train": 0},
            "warnings": [],
        }
    )

    status: str
    database: str
    model_version: str
    provider: str
    workers: int = Field(description="Workers that gave a sign of life in the last seconds.")
    waiting: dict[str, int] = Field(description="Jobs that wait for a worker, by queue.")
    warnings: list[str] = Field(
        description="What does not keep an image from being screened now: no worker is alive."
    )


class NewModel(Given):
    """An exported network."""

    model_config = example({"model": "the bytes of graphene-2.onnx"})

    model: UploadFile = Field(description="ONNX, with the metadata that serving needs.")
    reference: UploadFile | None = Field(
        None,
        description="npz of `crops` (n, size, size, 4) and `p_graphene` (n,), the answers of the "
        "trained network: from it the parity is measured.",
    )
    metrics: str | None = Field(
        None, description="JSON object; its `parity_difference` counts where no reference is given."
    )

    def metrics_given(self) -> dict[str, Any]:
        """The metrics; raises `InvalidValue` where they are no JSON object that can be kept."""
        try:
            metrics = json.loads(self.metrics or "{}")
            check_plain(metrics)
        except (ValueError, RecursionError) as error:
            raise InvalidValue(f"metrics is no JSON that can be kept: {error}") from error
        if not isinstance(metrics, dict):
            raise InvalidValue("metrics has to be a JSON object.")
        return metrics
