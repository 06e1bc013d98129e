"""What a model version is worth: the points of its curves, and pictures of its mistakes."""

from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from service.api.parts import Parts, PartsDep
from service.api.schemas.model_curves import CurvesQuery, MissQuery, ModelCurves
from service.inference.shipped import load_holdout
from service.scans import model_curves
from service.scans.model_versions import get_model

router = APIRouter(prefix="/v1/models", tags=["models"])

# Until somebody reviews it stays the same, and then the next look at the curves names others.
KEPT_FOR = "private, max-age=60"


@router.get("/{version}/curves")
def get_curves(
    version: str, query: Annotated[CurvesQuery, Query()], parts: PartsDep
) -> ModelCurves:
    """ROC, precision and recall, calibration, confusion, loss by epoch, and the worst mistakes.

    Judged on the crops by which the gate judges, when first asked; later calls have it at once,
    on reviews until somebody reviews again.
    """
    curves = _judged(parts, version, query)
    model = get_model(parts.stores.sessions, version)
    training_id, epochs = model_curves.epochs_of_model(parts.stores.sessions, model)
    pictures = f"/v1/models/{quote(version, safe='')}/misses"
    misses = [
        asdict(one) | {"picture": f"{pictures}/{one.n}.png?on={query.on}"} for one in curves.misses
    ]
    return ModelCurves.model_validate(
        asdict(curves.judgement)
        | {
            "version": version,
            "on": query.on,
            "name": curves.name,
            "threshold": curves.threshold,
            "training_id": training_id,
            "epochs": epochs,
            "misses": misses,
        }
    )


@router.get(
    "/{version}/misses/{n}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The crop, as it was judged"}},
)
def get_miss(
    version: str,
    n: Annotated[int, Path(ge=0, lt=model_curves.MOST_MISSES)],
    query: Annotated[MissQuery, Query()],
    parts: PartsDep,
) -> Response:
    """Picture of a crop that a model version got wrong; its outline is yellow."""
    curves = _judged(parts, version, query)
    png = model_curves.picture_of_miss(curves, n, query.view, query.size_px)
    return Response(png, media_type="image/png", headers={"Cache-Control": KEPT_FOR})


def _judged(parts: Parts, version: str, query: CurvesQuery) -> model_curves.ModelCurves:
    tools = model_curves.Tools(parts.stores, parts.open_model, load_holdout)
    return parts.judge.judge(tools, version, query.on)
