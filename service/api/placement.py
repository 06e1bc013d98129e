"""Where a scan's tiles lie: by their positions, and by their images."""

from fastapi import APIRouter

from service.api.parts import PartsDep
from service.api.schemas.base import Id
from service.api.schemas.placement import PlaceBy, Placement
from service.api.schemas.scan import Scan
from service.scans import correcting, placement

router = APIRouter(prefix="/v1/scans/{scan_id}/placement", tags=["scans"])


@router.get("")
def get_placement(scan_id: Id, parts: PartsDep) -> Placement:
    """Compare a sample of neighbouring images with their positions; it takes some seconds."""
    work = parts.screener.pool.run
    return Placement.model_validate(work(lambda: placement.scan_placement(parts.stores, scan_id)))


@router.put("", status_code=202)
def place_scan(scan_id: Id, by: PlaceBy, parts: PartsDep) -> Scan:
    """Draw the map anew, by corrected or by stated positions: flakes move, tiles are not screened.

    The stated positions stay beside the corrected ones.
    """
    turned = by.model_dump(exclude_unset=True, exclude={"positions"})
    sessions = parts.stores.sessions
    scan = correcting.place_by(sessions, parts.queue, scan_id, by.positions, turned)
    return Scan.model_validate(scan)
