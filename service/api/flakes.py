"""Flakes: find, look at, review."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.api.access import CallerDep
from service.api.parts import PartsDep, SessionsDep
from service.api.pictures import IfNoneMatch, is_there
from service.api.schemas.base import Id
from service.api.schemas.crop import CropQuery
from service.api.schemas.flake import Flake, FlakePage, FlakeQuery, NewReview
from service.db.engine import Sessions
from service.scans import flakes

router = APIRouter(prefix="/v1", tags=["flakes"])

FlakeQueryDep = Annotated[FlakeQuery, Query()]
CropQueryDep = Annotated[CropQuery, Query()]

# Screening again changes the outline: a browser asks again soon, and mostly hears that nothing has.
KEPT_FOR = "private, max-age=60"


@router.get("/flakes")
def list_flakes(which: FlakeQueryDep, sessions: SessionsDep) -> FlakePage:
    """Flakes of all scans that match."""
    return _page(sessions, which, None)


@router.get("/scans/{scan_id}/flakes")
def list_flakes_of_scan(scan_id: Id, which: FlakeQueryDep, sessions: SessionsDep) -> FlakePage:
    """Flakes of one scan that match."""
    return _page(sessions, which, scan_id)


def _page(sessions: Sessions, which: FlakeQuery, scan_id: int | None) -> FlakePage:
    order = which.model_dump(include={"sort", "limit", "cursor"})
    wanted = which.model_dump(exclude=set(order)) | {"layers": tuple(which.layers)}
    page = flakes.list_flakes(sessions, flakes.FlakeFilter(scan_id=scan_id, **wanted), **order)
    return FlakePage.model_validate(page)


@router.get("/flakes/{flake_id}")
def get_flake(flake_id: Id, sessions: SessionsDep) -> Flake:
    """One flake."""
    return Flake.model_validate(flakes.get_flake(sessions, flake_id))


@router.get(
    "/flakes/{flake_id}/crop.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}}, "description": "The flake, cut from its tile"},
        304: {"description": "The picture with this ETag is still the same."},
    },
)
def get_crop(
    flake_id: Id,
    look: CropQueryDep,
    parts: PartsDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Picture of a flake and its surroundings, in colour or in contrast to the bare substrate."""
    what = flakes.cut_of_flake(parts.stores.sessions, flake_id, flakes.Look(**look.model_dump()))
    headers = {"ETag": f'"{what.tag}"', "Cache-Control": KEPT_FOR}
    if is_there(what.tag, if_none_match):
        return Response(status_code=304, headers=headers)
    png = flakes.crop_of_flake(parts.stores, parts.originals, what)
    return Response(png, media_type="image/png", headers=headers)


@router.put("/flakes/{flake_id}/review")
def review_flake(flake_id: Id, new: NewReview, sessions: SessionsDep, caller: CallerDep) -> Flake:
    """Add a person's verdict; earlier ones are kept."""
    review = flakes.NewReview(reviewer=caller.name, **new.model_dump())
    return Flake.model_validate(flakes.review_flake(sessions, flake_id, review))
