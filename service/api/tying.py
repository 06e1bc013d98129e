"""Position lists come in, for scans whose tiles have no stage coordinates."""

from typing import Annotated

from fastapi import APIRouter, Form

from service.api.parts import PartsDep
from service.api.schemas.base import Id
from service.api.schemas.tying import Positions, Tied
from service.api.tiles import base_name
from service.formats.position_list import PositionList, read_position_list
from service.scans import tying

router = APIRouter(prefix="/v1/scans", tags=["scans"])


@router.post("/{scan_id}/positions", status_code=202)
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
    return Tied.model_validate(tying.tie(parts.stores.sessions, parts.queue, scan_id, tie))


def _listed(given: Positions) -> PositionList | None:
    if given.file is None:
        return None
    return read_position_list(
        base_name(given.file.filename or "") or "list", given.file.file.read()
    )
