"""Places: where in a scan a tile comes to stand, and what stands there."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.db.queries.scans import tile_at
from service.db.tables import Tile
from service.errors import Conflict


@dataclass(frozen=True, slots=True)
class Place:
    """A position of a scan, the image that comes there, and whether another gives way."""

    scan_id: int
    key: str
    sha256: str
    replace: bool


@dataclass(frozen=True, slots=True)
class There:
    """The tile that stands at a place, and whether it is the one that comes, screened."""

    tile: Tile
    is_done: bool


def tile_there(session: Session, place: Place) -> There | None:
    """The tile at the place; raises `Conflict` where it is another and must not give way."""
    tile = tile_at(session, place.scan_id, place.key)
    if tile is None:
        return None
    same = tile.sha256 == place.sha256
    if not (same or place.replace or tile.state == "failed"):
        raise Conflict(
            f"Another image stands at {place.key} of scan {place.scan_id}: "
            "send replace=true to put this one in its place."
        )
    return There(tile, is_done=same and tile.state == "screened")
