"""The tables. Units stand in names; a position that nobody knows is NULL, never 0."""

from service.db.tables.flake import REVIEW_LABELS, Detection, Flake, Review, Seen
from service.db.tables.model import ModelVersion
from service.db.tables.scan import POSITION_REFERENCES, SCAN_STATES, TILE_STATES, Scan, Tile
from service.db.tables.worker import Worker

__all__ = [
    "POSITION_REFERENCES",
    "REVIEW_LABELS",
    "SCAN_STATES",
    "TILE_STATES",
    "Detection",
    "Flake",
    "ModelVersion",
    "Review",
    "Scan",
    "Seen",
    "Tile",
    "Worker",
]
