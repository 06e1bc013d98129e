"""Scans: open, list, look at, delete."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.api.access import ADMIN, CallerDep
from service.api.parts import Parts, PartsDep, SessionsDep, StoresDep
from service.api.schemas.base import Id
from service.api.schemas.dataset import KeptLabels
from service.api.schemas.optics import ScanOptics
from service.api.schemas.scan import NewScan, Rescreen, Scan, ScanChanges, ScanPage
from service.scans import changing, runs, scans
from service.scans.kept_labels import delete_scan_keeping_labels
from service.scans.optics import scan_optics
from service.scans.views import ScanView

router = APIRouter(prefix="/v1/scans", tags=["scans"])

KeepLabels = Annotated[
    bool, Query(description="Keep what people were sure of as a data set for trainings.")
]


@router.post("", status_code=201)
def create_scan(new: NewScan, sessions: SessionsDep) -> Scan:
    """Open a scan; tiles are then posted to it."""
    scan = scans.create_scan(sessions, scans.NewScan(**new.model_dump()))
    return Scan.model_validate(scan)


@router.get("")
def list_scans(
    sessions: SessionsDep, limit: int = 50, cursor: str | None = None, source: str | None = None
) -> ScanPage:
    """Scans, newest first; all, or those of a source."""
    page = scans.list_scans(sessions, limit=limit, cursor=cursor, source=source)
    return ScanPage.model_validate(page)


@router.get("/{scan_id}")
def get_scan(scan_id: Id, sessions: SessionsDep) -> Scan:
    """One scan and how far it is."""
    return Scan.model_validate(scans.get_scan(sessions, scan_id))


@router.patch("/{scan_id}")
def change_scan(scan_id: Id, changes: ScanChanges, stores: StoresDep) -> Scan:
    """Change what is known of a scan; screen it again for it to count on tiles that are done."""
    changed = changes.model_dump(exclude_unset=True)
    return Scan.model_validate(changing.change_scan(stores, scan_id, changed))


@router.get("/{scan_id}/optics")
def get_scan_optics(scan_id: Id, sessions: SessionsDep) -> ScanOptics:
    """What a scan tells of itself: the oxide by its flakes, tiles under another light."""
    return ScanOptics.model_validate(scan_optics(sessions, scan_id))


@router.post("/{scan_id}/cancel")
def cancel_scan(scan_id: Id, parts: PartsDep) -> Scan:
    """Stop bringing in and screening a scan; what was found stays."""
    return Scan.model_validate(_cancel(parts, scan_id))


@router.post("/{scan_id}/rescreen", status_code=202)
def rescreen_scan(scan_id: Id, parts: PartsDep, what: Rescreen | None = None) -> Scan:
    """Screen every tile of a scan again, or those that are missing; reviews are kept."""
    wanted = {} if what is None else what.model_dump()
    scan = runs.rescreen(parts.stores.sessions, parts.queue, scan_id, **wanted)
    return Scan.model_validate(scan)


@router.delete(
    "/{scan_id}",
    status_code=204,
    response_model=None,
    dependencies=[ADMIN],
    responses={200: {"model": KeptLabels, "description": "Deleted; with `keep_labels`."}},
)
def delete_scan(
    scan_id: Id, parts: PartsDep, caller: CallerDep, keep_labels: KeepLabels = False
) -> Response:
    """Remove a scan with its tiles, flakes and reviews; what waits of it is cancelled.

    With `keep_labels` what people were sure of becomes a data set first, with the tiles that show
    it; later trainings learn from it as from reviews.
    """
    _cancel(parts, scan_id)
    if not keep_labels:
        scans.delete_scan(parts.stores.sessions, parts.stores.blobs, scan_id)
        return Response(status_code=204)
    path = parts.intake.new_archive()
    try:
        kept = delete_scan_keeping_labels(parts.stores, scan_id, path, caller.name)
    finally:
        parts.intake.discard(path)
    body = KeptLabels.model_validate({"dataset": kept})
    return Response(body.model_dump_json(), media_type="application/json")


def _cancel(parts: Parts, scan_id: int) -> ScanView:
    stores, discard = parts.stores, parts.intake.discard
    return runs.cancel_scan(stores.sessions, parts.queue, scan_id, discard=discard)
