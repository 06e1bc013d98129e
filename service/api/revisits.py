"""The live loop: which flake to drive back to, and the images that were taken there."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from service.api.parts import PartsDep, SessionsDep, StoresDep
from service.api.schemas.base import Id
from service.api.schemas.flake import Flake
from service.api.schemas.revisit import (
    NewRevisit,
    NextFlake,
    NextQuery,
    Revisit,
    RevisitAdded,
    RevisitList,
)
from service.api.screener import Screener
from service.api.tiles import base_name
from service.api.unsaved import unsaved_flakes
from service.scans import revisits

router = APIRouter(prefix="/v1", tags=["flakes"])


@router.get("/scans/{scan_id}/next-flake")
def next_flake(
    scan_id: Id, which: Annotated[NextQuery, Query()], sessions: SessionsDep
) -> NextFlake:
    """The graphene flake with the most merit that nobody reviewed or took an image of again."""
    wanted = revisits.Wanted(**which.model_dump() | {"layers": tuple(which.layers)})
    return NextFlake.model_validate(revisits.next_flake(sessions, scan_id, wanted))


@router.post(
    "/flakes/{flake_id}/revisits",
    status_code=201,
    responses={200: {"model": RevisitAdded, "description": "The image was there already."}},
)
def add_revisit(
    flake_id: Id,
    new: Annotated[NewRevisit, Form(media_type="multipart/form-data")],
    parts: PartsDep,
    response: Response,
) -> RevisitAdded:
    """Link an image taken again, mostly at higher magnification, to its flake."""
    image = new.image.file.read()
    # First: an image that cannot be screened is not kept with half an answer.
    flakes = _screened(parts.screener, image, new.um_per_px) if new.screen else None
    name = new.name or base_name(new.image.filename or "") or None
    said = new.model_dump(exclude={"image", "name", "screen"})
    added = revisits.add_revisit(
        parts.stores, flake_id, revisits.NewRevisit(image=image, name=name, **said)
    )
    response.status_code = 201 if added.created else 200
    shown = Revisit.model_validate(added.revisit)
    return RevisitAdded(**shown.model_dump(), flakes=flakes)


@router.get("/flakes/{flake_id}/revisits")
def list_revisits(flake_id: Id, sessions: SessionsDep) -> RevisitList:
    """Images taken again of a flake, oldest first."""
    found = revisits.list_revisits(sessions, flake_id)
    return RevisitList(items=[Revisit.model_validate(one) for one in found])


@router.get(
    "/flakes/{flake_id}/revisits/{revisit_id}/image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image as it was sent"}},
)
def get_revisit_image(flake_id: Id, revisit_id: Id, stores: StoresDep) -> Response:
    """An image taken again, byte for byte."""
    image, media_type = revisits.image_of_revisit(stores, flake_id, revisit_id)
    return Response(image, media_type=media_type)


def _screened(screener: Screener, image: bytes, um_per_px: float | None) -> list[Flake]:
    done = screener.screen(lambda: image, um_per_px=um_per_px, oxide_nm=None)
    return unsaved_flakes(done.tile, done.screening)
