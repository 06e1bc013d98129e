"""Changing: what is known of a scan after it was opened."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy.orm import Session

from service.db.engine import writing
from service.db.queries.scans import lock_scan
from service.db.tables import Scan
from service.scans.found import found
from service.scans.scans import NewScan, check_new_scan
from service.scans.substrates import check_substrate
from service.scans.sweeping import sweep_blobs
from service.scans.tiles import Stores
from service.scans.viewing import scan_views
from service.scans.views import ScanView


def change_scan(stores: Stores, scan_id: int, changes: Mapping[str, Any]) -> ScanView:
    """The scan with some fields of `NewScan` changed; they count from the next screening on.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        A value is wrong, or there is no such substrate.
    """
    former = None
    with writing(stores.sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        change(session, scan, changes)
        if "flat_field" in changes:
            former, scan.flat_field_sha256 = scan.flat_field_sha256, None
        session.flush()
        view = scan_views(session, [scan])[0]
    sweep_blobs(stores.sessions, stores.blobs, [] if former is None else [former])
    return view


def change(session: Session, scan: Scan, changes: Mapping[str, Any]) -> None:
    """Change fields of a locked scan; raises `InvalidValue`, and then nothing is changed."""
    known = {one.name: getattr(scan, one.name) for one in fields(NewScan)}
    # A picture that was given is no wish that a new scan could have.
    known["flat_field"] = "none"
    check_new_scan(NewScan(**(known | dict(changes))))
    check_substrate(session, changes.get("substrate_id"))
    for name, value in changes.items():
        setattr(scan, name, value)
