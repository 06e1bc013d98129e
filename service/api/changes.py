"""`GET /v1/scans/{id}/changes`: what a new model version changed."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.parts import SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.change import ChangePage
from service.scans import changes

router = APIRouter(prefix="/v1/scans", tags=["models"])


@router.get("/{scan_id}/changes")
def list_changes(
    scan_id: Id,
    sessions: SessionsDep,
    before: Annotated[str, Query(alias="from", description="The earlier model version.")],
    after: Annotated[str, Query(alias="to", description="The later one.")],
    limit: int = 100,
    cursor: str | None = None,
) -> ChangePage:
    """Flakes that became graphene, are it no longer, or whose p_graphene moved by over 0.2."""
    page = changes.list_changes(sessions, scan_id, before, after, limit=limit, cursor=cursor)
    return ChangePage.model_validate(page)
