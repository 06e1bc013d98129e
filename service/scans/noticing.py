"""Noticing: what is to be said about a scan's light and positions when a run of it ends."""

import logging

from service.db.tables import Scan
from service.scans.optics import scan_drift
from service.scans.placement import scan_placement
from service.scans.queueing import Run
from service.scans.tiles import Stores

_log = logging.getLogger(__name__)


def notice(stores: Stores, run: Run) -> list[str]:
    """Warnings about a run's scan, as sentences; none where another run took its place."""
    with stores.sessions() as session:
        scan = session.get(Scan, run.scan_id)
        if scan is None or scan.run != run.number:
            return []
        compared, drift = scan_drift(session, scan.id)
        unlearnt = scan.flat_field == "auto" and scan.flat_field_sha256 is None
    warnings = []
    if unlearnt:
        warnings.append("No flat field could be learnt: too few tiles show bare substrate.")
    if drift:
        count = f"{len(drift)} of {compared} tiles are under another light"
        warnings.append(f"{count}. Tile {drift[0].tile_id}: {drift[0].warning}")
    try:
        placement = scan_placement(stores, run.scan_id).warning
    except Exception:  # of whatever kind: it must not take the scan's end
        _log.exception("The placement of scan %d could not be checked", run.scan_id)
        placement = None
    return warnings if placement is None else [*warnings, placement]
