"""Routes of model versions: the registry, promotion, curves."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query, Response

from service.http.parts import Parts, PartsDep, SessionsDep, StoresDep
from service.http.problems import Problem
from service.http.roles import ADMIN, CallerDep
from service.inference.shipped import load_holdout
from service.registry import curves, promotion, upload, versions
from service.registry.curve_schemas import CurvesQuery, MissQuery, ModelCurves
from service.registry.schemas import ModelVersion, ModelVersions, NewModel, Promotion

router = APIRouter(prefix="/v1/models", tags=["models"])

_ONNX = "application/octet-stream"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ONNX: {}}, "description": "The ONNX file"}
}


@router.get("")
def list_models(sessions: SessionsDep) -> ModelVersions:
    """List all model versions, newest first."""
    return ModelVersions(items=versions.list_models(sessions))


@router.get("/{version}")
def get_model(version: str, sessions: SessionsDep) -> ModelVersion:
    """Get one model version: metrics and provenance."""
    return versions.get_model(sessions, version)


@router.get("/{version}/model.onnx", response_class=Response, responses=_FILE)
def get_model_file(version: str, stores: StoresDep) -> Response:
    """Download the network as it was registered: it holds all that is needed to screen by it."""
    model = versions.get_model(stores.sessions, version)
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
    return upload.upload_model(
        parts.stores,
        parts.try_model,
        new.model.file.read(),
        who=caller.name,
        metrics=new.metrics_given(),
        reference=reference,
    )


@router.delete("/{version:path}", status_code=204, dependencies=[ADMIN])
def delete_model(version: str, stores: StoresDep) -> None:
    """Forget a model version and its file; the active one, and one that screened tiles, stays."""
    versions.delete_model(stores, version)


@router.post("/rollback", dependencies=[ADMIN])
def roll_back(sessions: SessionsDep, caller: CallerDep) -> ModelVersion:
    """Go back to the model version that the active one replaced; no gate is asked."""
    return promotion.roll_back(sessions, promotion.Who(caller.name, caller.address))


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
    return promotion.promote(gate, version, who, force=force)


curves_router = APIRouter(prefix="/v1/models", tags=["models"])

# Until somebody reviews it stays the same, and then the next look at the curves names others.
KEPT_FOR = "private, max-age=60"


@curves_router.get("/{version}/curves")
def get_curves(
    version: str, query: Annotated[CurvesQuery, Query()], parts: PartsDep
) -> ModelCurves:
    """Get ROC, precision and recall, calibration, confusion, loss by epoch, and the worst mistakes.

    Judged on the crops by which the gate judges, when first asked; later calls have it at once,
    on reviews until somebody reviews again.
    """
    return curves.curves_of_model(parts.stores.sessions, _judged(parts, version, query))


@curves_router.get(
    "/{version}/misses/{n}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The crop, as it was judged"}},
)
def get_miss(
    version: str,
    n: Annotated[int, Path(ge=0, lt=curves.MOST_MISSES)],
    query: Annotated[MissQuery, Query()],
    parts: PartsDep,
) -> Response:
    """Picture of a crop that a model version got wrong; its outline is yellow."""
    judged = _judged(parts, version, query)
    png = curves.picture_of_miss(judged, n, query.view, query.size_px)
    return Response(png, media_type="image/png", headers={"Cache-Control": KEPT_FOR})


def _judged(parts: Parts, version: str, query: CurvesQuery) -> curves.Judged:
    tools = curves.Tools(parts.stores, parts.open_model, load_holdout)
    return parts.judge.judge(tools, version, query.on)
