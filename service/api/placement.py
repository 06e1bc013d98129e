"""Routes of placement: images against positions, and positions that come afterwards."""

from typing import Annotated

from fastapi import APIRouter, Form

from service.api.scans import base_name
from service.formats.readers.position_list import PositionList, read_position_list
from service.http.parts import PartsDep
from service.placement import agreement, correcting, tying
from service.placement.schemas import PlaceBy, Placement, Positions, Tied
from service.scans.schemas import Scan
from service.schemas import Id

router = APIRouter(prefix="/v1/scans/{scan_id}/placement", tags=["scans"])


@router.get("")
def get_placement(scan_id: Id, parts: PartsDep) -> Placement:
    """Compare a sample of neighbouring images with their positions; it takes some seconds."""
    work = parts.screener.pool.run
    return work(lambda: agreement.scan_placement(parts.stores, scan_id))


@router.put("", status_code=202)
def place_scan(scan_id: Id, by: PlaceBy, parts: PartsDep) -> Scan:
    """Draw the map anew, by corrected or by stated positions: flakes move, tiles are not screened.

    The stated positions stay beside the corrected ones.
    """
    turned = by.model_dump(exclude_unset=True, exclude={"positions"})
    sessions = parts.stores.sessions
    return correcting.choose_positions(sessions, parts.queue, scan_id, by.positions, turned)


tying_router = APIRouter(prefix="/v1/scans", tags=["scans"])


@tying_router.post("/{scan_id}/positions", status_code=202)
def tie_scan(
    scan_id: Id,
    given: Annotated[Positions, Form(media_type="multipart/form-data")],
    parts: PartsDep,
) -> Tied:
    """Give the tiles of a scan their stage positions from a list, or their scale.

    The answer says how many were matched; a worker then places and merges the flakes anew, and
    the scan is `done` when all are. 422 says why a list cannot be matched without doubt, 409 that
    a tile has another position already.
    """
    tie = tying.Tie(
        listed=_listed(given),
        match=given.match,
        um_per_px=given.um_per_px,
        replace=given.replace,
    )
    return tying.tie(parts.stores.sessions, parts.queue, scan_id, tie)


def _listed(given: Positions) -> PositionList | None:
    if given.file is None:
        return None
    return read_position_list(
        base_name(given.file.filename or "") or "list", given.file.file.read()
    )
