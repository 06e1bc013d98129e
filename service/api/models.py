"""Model versions."""

from fastapi import APIRouter

from service.api.parts import SessionsDep
from service.api.schemas.model import ModelVersion, ModelVersions
from service.scans import model_versions

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("")
def list_models(sessions: SessionsDep) -> ModelVersions:
    """Every model version, newest first."""
    found = model_versions.list_models(sessions)
    return ModelVersions(items=[ModelVersion.model_validate(one) for one in found])


@router.get("/{version}")
def get_model(version: str, sessions: SessionsDep) -> ModelVersion:
    """One model version: metrics and provenance."""
    return ModelVersion.model_validate(model_versions.get_model(sessions, version))
