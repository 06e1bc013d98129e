"""Schemas of trainings and data sets."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from service.schemas import Given, Shown, example

# What a database holds: a longer number would be no number there.
Whole = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]

EPOCH: dict[str, Any] = {
    "number": 2,
    "epochs": 6,
    "training_loss": 0.21,
    "validation_loss": 0.19,
    "f1": 0.94,
    "took_s": 8.1,
    "left_s": 32.4,
}
TRAINING: dict[str, Any] = {
    "id": 3,
    "state": "running",
    "config": {
        "architecture": "flakenet",
        "epochs": 6,
        "optimizer": "adamw",
        "learning_rate": 0.0003,
        "base_model": "flakenet-0.2",
        "datasets": [],
        "reviews": True,
        "seed": 0,
    },
    "note": "after the November chips",
    "epochs": [EPOCH],
    "result": None,
    "model_version": None,
    "report": None,
    "reason": None,
    "trainer_alive": True,
    "created_at": "2026-11-20T10:20:00Z",
    "created_by": "ada",
    "started_at": "2026-11-20T10:20:02Z",
    "ended_at": None,
}


class NewTraining(Given):
    """Request to train a network: what, and from what; everything may be left out."""

    model_config = example({"epochs": 6, "note": "after the November chips"})

    architecture: str = Field("flakenet", description="As of `flakescope train --network`.")
    epochs: Whole = 6
    optimizer: str = Field("adamw", description="sgd, momentum, rmsprop, adam or adamw.")
    learning_rate: float = 3e-4
    base_model: str | None = Field(
        None, description="Version to go on from, 'scratch' for none; the active one if left out."
    )
    datasets: list[Whole] = Field(default_factory=list, max_length=100)
    reviews: bool = Field(True, description="Learn from all reviews of the lab.")
    seed: Whole = 0
    note: str | None = None


class Epoch(Shown):
    """Epoch of a training: what was known after it; `f1` is of what was held out, at even odds."""

    model_config = example(EPOCH)

    number: int
    epochs: int
    training_loss: float
    validation_loss: float | None
    f1: float | None
    took_s: float
    left_s: float


class Training(Shown):
    """A training as it is now."""

    model_config = example(TRAINING)

    id: int
    state: str = Field(description="queued, running, done, failed or cancelled.")
    config: dict[str, Any]
    note: str | None
    epochs: list[Epoch]
    result: dict[str, Any] | None = Field(
        description="Figures of what was held out, by set, also `before`; what was learned from."
    )
    model_version: str | None = Field(description="Registered, not promoted.")
    report: str | None = Field(description="Where the report with its plots is.")
    reason: str | None = Field(description="Why it failed.")
    trainer_alive: bool = Field(description="Whether a trainer runs that could take it.")
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None


class Trainings(Shown):
    """Trainings, newest first."""

    model_config = example({"items": [TRAINING]})

    items: list[Training]


DATASET: dict[str, Any] = {
    "id": 1,
    "name": "chips of 2024",
    "kind": "classes",
    "sha256": "9f2feb0f1ef425b292f2f94bc8482494df430413b1fcd26b3a5b4f9ed1b7a6d8",
    "size_bytes": 41273900,
    "group_by": "folder",
    "exhaustive": True,
    "graphene": 240,
    "other": 810,
    "groups": 12,
    "kept_scan": None,
    "created_at": "2026-11-20T10:20:00Z",
    "created_by": "ada",
}


class DatasetFields(Given):
    """Fields that may be said beside a data set's archive."""

    name: str | None = Field(None, description="The file's name if left out.")
    group_by: str = Field(
        "none",
        description="'folder': pictures of one folder share a chip and are never torn apart; "
        "'none': each stands alone.",
    )
    exhaustive: bool | None = Field(
        None, description="Whether every flake on its tiles is marked; true if left out."
    )


class Dataset(Shown):
    """Labelled pictures; `graphene` and `other` are labels."""

    model_config = example(DATASET)

    id: int
    name: str
    kind: str = Field(description="classes, flat or coco.")
    sha256: str
    size_bytes: int
    group_by: str
    exhaustive: bool
    graphene: int
    other: int
    groups: int
    kept_scan: str | None = Field(
        description="Name of the deleted scan whose reviews these are: every training that learns "
        "from reviews has it."
    )
    created_at: datetime
    created_by: str


class KeptLabels(Shown):
    """Labels that are left of a deleted scan."""

    model_config = example({"dataset": DATASET | {"kept_scan": "chip 12"}})

    dataset: Dataset | None = Field(description="None where nobody had reviewed it.")


class Datasets(Shown):
    """Every data set, newest first."""

    model_config = example({"items": [DATASET]})

    items: list[Dataset]
