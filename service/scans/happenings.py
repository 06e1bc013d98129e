"""What a screened tile tells listeners: one event, whatever was found."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service.db.queries.events import add_event
from service.db.tables import Detection, Scan, Tile

TILE_SCREENED, TILE_FAILED = "tile_screened", "tile_failed"

# A tile full of dust has thousands; who wants all of them asks for the flakes of the scan.
_MOST_FLAKES = 20


def tell_screened(session: Session, scan: Scan, tile: Tile, found: Sequence[Detection]) -> None:
    """A tile was screened and merged; the surest of its graphene flakes are named."""
    graphene = sorted((one for one in found if one.is_graphene), key=lambda one: -one.p_graphene)
    flakes = [
        {
            "id": one.flake_id,
            "p_graphene": one.p_graphene,
            "layers": one.layers,
            "area_um2": one.area_um2,
        }
        for one in graphene[:_MOST_FLAKES]
    ]
    counts = {"graphene": len(graphene), "other": len(found) - len(graphene)}
    body = _named(tile) | counts | {"flakes": flakes}
    add_event(session, TILE_SCREENED, body, scan_id=scan.id)


def tell_failed(session: Session, scan: Scan, tile: Tile) -> None:
    """A tile cannot be screened."""
    add_event(session, TILE_FAILED, _named(tile) | {"error": tile.error}, scan_id=scan.id)


def _named(tile: Tile) -> dict[str, object]:
    return {"tile_id": tile.id, "name": tile.name, "row": tile.row, "col": tile.col}
