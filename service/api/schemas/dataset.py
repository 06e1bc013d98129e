"""Data sets."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.api.schemas.base import Given, Shown, example

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
    """What may be said beside the archive."""

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
    """What is left of a deleted scan."""

    model_config = example({"dataset": DATASET | {"kept_scan": "chip 12"}})

    dataset: Dataset | None = Field(description="None where nobody had reviewed it.")


class Datasets(Shown):
    """Every data set, newest first."""

    model_config = example({"items": [DATASET]})

    items: list[Dataset]
