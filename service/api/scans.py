"""Scans: open, list, look at, delete."""

from fastapi import APIRouter

from service.api.parts import SessionsDep, StoresDep
from service.api.schemas.base import Id
from service.api.schemas.scan import NewScan, Scan, ScanPage
from service.scans import scans

router = APIRouter(prefix="/v1/scans", tags=["scans"])


@router.post("", status_code=201)
def create_scan(new: NewScan, sessions: SessionsDep) -> Scan:
    """Open a scan; tiles are then posted to it."""
    scan = scans.create_scan(sessions, scans.NewScan(**new.model_dump()))
    return Scan.model_validate(scan)


@router.get("")
def list_scans(sessions: SessionsDep, limit: int = 50, cursor: str | None = None) -> ScanPage:
    """Scans, newest first."""
    return ScanPage.model_validate(scans.list_scans(sessions, limit=limit, cursor=cursor))


@router.get("/{scan_id}")
def get_scan(scan_id: Id, sessions: SessionsDep) -> Scan:
    """One scan and how far it is."""
    return Scan.model_validate(scans.get_scan(sessions, scan_id))


@router.delete("/{scan_id}", status_code=204)
def delete_scan(scan_id: Id, stores: StoresDep) -> None:
    """Remove a scan with its tiles, flakes and reviews."""
    scans.delete_scan(stores.sessions, stores.blobs, scan_id)
