"""Telling: what changes about scans and model versions becomes an event in the same transaction.

Every session of `service.db.engine.build_sessions` does it, wherever the change is made; rows
that are written past the ORM tell nothing.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from service.db.base import Base
from service.db.tables import Event, ModelVersion, Scan

SCAN_STATE, MODEL_PROMOTED = "scan_state", "model_promoted"


def keep_events(session: Session, _context: object) -> None:
    """After a flush: note scans in another state and model versions that became active."""
    changed = [*session.new, *session.dirty]
    rows = [
        *(_of_scan(one) for one in changed if isinstance(one, Scan) and _is_new(one, "state")),
        *_of_models([one for one in changed if isinstance(one, ModelVersion)]),
    ]
    if rows:
        # Past the ORM: a flush goes on.
        session.connection().execute(insert(Event), rows)


def _of_scan(scan: Scan) -> dict[str, Any]:
    body = {"state": scan.state, "run": scan.run, "error": scan.error}
    return {"kind": SCAN_STATE, "scan_id": scan.id, "body": body}


def _of_models(models: list[ModelVersion]) -> Iterator[dict[str, Any]]:
    for model in models:
        if model.is_active and _is_new(model, "is_active"):
            body = {"version": model.version, "promoted_by": model.promoted_by}
            yield {"kind": MODEL_PROMOTED, "scan_id": None, "body": body}


def _is_new(row: Base, name: str) -> bool:
    return bool(inspect(row, raiseerr=True).attrs[name].history.added)
