"""Routes of flakes: find, look at, the curve beside one; and screening without saving."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from service.api.scans import IfNoneMatch, is_there
from service.db.engine import Sessions
from service.db.queries.flakes import FlakeFilter
from service.flakes import flakes
from service.flakes.optics import flake_optics
from service.flakes.schemas import FlakeOptics, Look, NewImage, ScreenedImage
from service.http.parts import PartsDep, ScreenerDep, SessionsDep
from service.http.roles import CallerDep
from service.reviews import reviews
from service.scans.tile_schemas import Flake, FlakePage, FlakeQuery, NewReview
from service.schemas import Id
from service.screening.screen import ScreenJob

router = APIRouter(prefix="/v1", tags=["flakes"])

FlakeQueryDep = Annotated[FlakeQuery, Query()]
LookDep = Annotated[Look, Query()]

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
    return flakes.list_flakes(sessions, FlakeFilter(scan_id=scan_id, **wanted), **order)


@router.get("/flakes/{flake_id}")
def get_flake(flake_id: Id, sessions: SessionsDep) -> Flake:
    """Get one flake."""
    return flakes.get_flake(sessions, flake_id)


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
    look: LookDep,
    parts: PartsDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Picture of a flake and its surroundings, in colour or in contrast to the bare substrate."""
    what = flakes.cut_of_flake(parts.stores.sessions, flake_id, look)
    headers = {"ETag": f'"{what.tag}"', "Cache-Control": KEPT_FOR}
    if is_there(what.tag, if_none_match):
        return Response(status_code=304, headers=headers)
    png = flakes.crop_of_flake(parts.stores, parts.originals, what)
    return Response(png, media_type="image/png", headers=headers)


@router.put("/flakes/{flake_id}/review")
def review_flake(flake_id: Id, new: NewReview, sessions: SessionsDep, caller: CallerDep) -> Flake:
    """Add a person's verdict; earlier ones are kept."""
    return reviews.review_flake(sessions, flake_id, new, caller.name)


optics_router = APIRouter(prefix="/v1", tags=["flakes"])


@optics_router.get("/flakes/{flake_id}/optics")
def get_flake_optics(flake_id: Id, sessions: SessionsDep) -> FlakeOptics:
    """Contrast over the number of layers on this scan's oxide, and how this flake was read."""
    return flake_optics(sessions, flake_id)


screen_router = APIRouter(prefix="/v1", tags=["screen"])


@screen_router.post("/screen")
def screen_image(
    new: Annotated[NewImage, Form(media_type="multipart/form-data")], screener: ScreenerDep
) -> ScreenedImage:
    """Find flakes on one image; saves nothing."""
    done, duration_ms = screener.screen(
        lambda: ScreenJob(
            image=new.image.file.read(), um_per_px=new.um_per_px, oxide_nm=new.oxide_nm
        )
    )
    return ScreenedImage(
        flakes=flakes.unsaved_flakes(done),
        candidates=len(done.screening.detections),
        width_px=done.width_px,
        height_px=done.height_px,
        model_version=done.screening.model_version,
        timing_ms=duration_ms,
    )
