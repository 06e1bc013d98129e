"""Model versions: the registry, and which one is in service."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Response

from service.api.access import ADMIN, CallerDep
from service.api.parts import PartsDep, SessionsDep, StoresDep
from service.api.problems import Problem
from service.api.schemas.model import ModelVersion, ModelVersions, Promotion
from service.api.schemas.new_model import NewModel
from service.inference.shipped import load_holdout
from service.scans import model_versions, promotion, registry

router = APIRouter(prefix="/v1/models", tags=["models"])

_ONNX = "application/octet-stream"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ONNX: {}}, "description": "The ONNX file"}
}


@router.get("")
def list_models(sessions: SessionsDep) -> ModelVersions:
    """Every model version, newest first."""
    found = model_versions.list_models(sessions)
    return ModelVersions(items=[ModelVersion.model_validate(one) for one in found])


@router.get("/{version}")
def get_model(version: str, sessions: SessionsDep) -> ModelVersion:
    """One model version: metrics and provenance."""
    return ModelVersion.model_validate(model_versions.get_model(sessions, version))


@router.get("/{version}/model.onnx", response_class=Response, responses=_FILE)
def get_model_file(version: str, stores: StoresDep) -> Response:
    """The network itself, as it was registered: it holds all that is needed to screen by it."""
    model = model_versions.get_model(stores.sessions, version)
    quoted = quote(f"{version}.onnx", safe="")
    return Response(
        stores.blobs.get(model.sha256),
        media_type=_ONNX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quoted}"},
    )


@router.post("", status_code=201, dependencies=[ADMIN])
def upload_model(
    new: Annotated[NewModel, Form(media_type="multipart/form-data")],
    parts: PartsDep,
    caller: CallerDep,
) -> ModelVersion:
    """Check an ONNX file and register it; it is not active before it is promoted."""
    reference = None if new.reference is None else new.reference.file.read()
    model = registry.upload_model(
        parts.stores,
        parts.open_model,
        new.model.file.read(),
        who=caller.name,
        metrics=new.metrics_given(),
        reference=reference,
    )
    return ModelVersion.model_validate(model)


@router.post("/rollback", dependencies=[ADMIN])
def roll_back(sessions: SessionsDep, caller: CallerDep) -> ModelVersion:
    """Go back to the model version that the active one replaced; no gate is asked."""
    who = promotion.Who(caller.name, caller.address)
    return ModelVersion.model_validate(promotion.roll_back(sessions, who))


@router.post(
    "/{version}/promote",
    dependencies=[ADMIN],
    responses={409: {"model": Problem, "description": "The gate's `reasons`, one by one"}},
)
def promote_model(
    version: str, parts: PartsDep, caller: CallerDep, how: Promotion | None = None
) -> ModelVersion:
    """Let a model version screen from now on, unless it would be worse.

    Every process takes it into use within about two seconds. What runs ends with the previous.
    """
    gate = promotion.Gate(parts.stores, parts.open_model, load_holdout)
    who = promotion.Who(caller.name, caller.address)
    force = how is not None and how.force
    return ModelVersion.model_validate(promotion.promote(gate, version, who, force=force))
