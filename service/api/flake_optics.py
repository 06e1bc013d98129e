"""`GET /v1/flakes/{id}/optics`: the thin-film curve, and this flake beside it."""

from fastapi import APIRouter

from service.api.parts import SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.flake_optics import FlakeOptics
from service.scans.flake_optics import flake_optics

router = APIRouter(prefix="/v1", tags=["flakes"])


@router.get("/flakes/{flake_id}/optics")
def get_flake_optics(flake_id: Id, sessions: SessionsDep) -> FlakeOptics:
    """Contrast over the number of layers on this scan's oxide, and how this flake was read."""
    return FlakeOptics.model_validate(flake_optics(sessions, flake_id))
