"""The tables. Units stand in names; a position that nobody knows is NULL, never 0."""

from service.db.tables.access import ROLES, ApiToken, Audit
from service.db.tables.flake import (
    REVIEW_LABELS,
    SORTED_BY,
    Detection,
    Flake,
    FlakeCount,
    Review,
    Revisit,
    Seen,
)
from service.db.tables.model import (
    DATASET_KINDS,
    EVENT_KINDS,
    TRAINING_STATES,
    Dataset,
    Event,
    EventKind,
    ModelVersion,
    PastVerdict,
    Training,
)
from service.db.tables.scan import (
    FLAT_FIELDS,
    POSITION_REFERENCES,
    POSITIONS,
    SCAN_STATES,
    TILE_STATES,
    Scan,
    Substrate,
    Thumbnail,
    Tile,
)
from service.db.tables.worker import Worker

__all__ = [
    "DATASET_KINDS",
    "EVENT_KINDS",
    "FLAT_FIELDS",
    "POSITIONS",
    "POSITION_REFERENCES",
    "REVIEW_LABELS",
    "ROLES",
    "SCAN_STATES",
    "SORTED_BY",
    "TILE_STATES",
    "TRAINING_STATES",
    "ApiToken",
    "Audit",
    "Dataset",
    "Detection",
    "Event",
    "EventKind",
    "Flake",
    "FlakeCount",
    "ModelVersion",
    "PastVerdict",
    "Review",
    "Revisit",
    "Scan",
    "Seen",
    "Substrate",
    "Thumbnail",
    "Tile",
    "Training",
    "Worker",
]
