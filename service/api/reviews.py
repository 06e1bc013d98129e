"""Routes of reviews, of changes between model versions, and of revisits."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from service.api.scans import base_name
from service.flakes.flakes import unsaved_flakes
from service.http.parts import PartsDep, SessionsDep, StoresDep
from service.http.roles import CallerDep
from service.http.screener import Screener
from service.reviews import changes, queue, reviews, revisits
from service.reviews.schemas import (
    ChangePage,
    Flakes,
    NewReviews,
    NewRevisit,
    NextFlake,
    NextQuery,
    ReviewQueue,
    Reviews,
    RevisitAdded,
    RevisitList,
    Undone,
    UndoReviews,
)
from service.scans.tile_schemas import Flake, NewReview
from service.schemas import Id
from service.screening.screen import ScreenJob

router = APIRouter(prefix="/v1", tags=["reviews"])


@router.post("/reviews")
def review_flakes(new: NewReviews, sessions: SessionsDep, caller: CallerDep) -> Flakes:
    """Add the same verdict to several flakes, all or none."""
    said = NewReview(**new.model_dump(exclude={"flake_ids"}))
    return Flakes(items=reviews.review_flakes(sessions, new.flake_ids, said, caller.name))


@router.post("/reviews/undo")
def undo_reviews(which: UndoReviews, sessions: SessionsDep, caller: CallerDep) -> Undone:
    """Take back several reviews; one after which somebody said something else stays."""
    return reviews.undo_reviews(sessions, which.review_ids, caller.name)


@router.get("/flakes/{flake_id}/reviews")
def list_reviews(flake_id: Id, sessions: SessionsDep) -> Reviews:
    """List every review of a flake, oldest first, also those that were undone."""
    return Reviews(items=reviews.list_reviews(sessions, flake_id))


@router.delete("/flakes/{flake_id}/review")
def undo_review(flake_id: Id, sessions: SessionsDep, caller: CallerDep) -> Flake:
    """Take back the latest review of a flake; the one before it counts again."""
    return reviews.undo_review(sessions, flake_id, caller.name)


@router.get("/review-queue")
def review_queue(
    sessions: SessionsDep,
    scan_id: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: int = 50,
) -> ReviewQueue:
    """Flakes without a review that would teach the network most, of a scan or of all."""
    return ReviewQueue(items=queue.review_queue(sessions, scan_id=scan_id, limit=limit))


changes_router = APIRouter(prefix="/v1/scans", tags=["models"])


@changes_router.get("/{scan_id}/changes")
def list_changes(
    scan_id: Id,
    sessions: SessionsDep,
    before: Annotated[str, Query(alias="from", description="The earlier model version.")],
    after: Annotated[str, Query(alias="to", description="The later one.")],
    limit: int = 100,
    cursor: str | None = None,
) -> ChangePage:
    """Flakes that became graphene, are it no longer, or whose p_graphene moved by over 0.2."""
    return changes.list_changes(sessions, scan_id, before, after, limit=limit, cursor=cursor)


revisits_router = APIRouter(prefix="/v1", tags=["flakes"])


@revisits_router.get("/scans/{scan_id}/next-flake")
def next_flake(
    scan_id: Id, which: Annotated[NextQuery, Query()], sessions: SessionsDep
) -> NextFlake:
    """Find the graphene flake with the most merit that was never reviewed or imaged again."""
    wanted = revisits.Wanted(**which.model_dump() | {"layers": tuple(which.layers)})
    return revisits.next_flake(sessions, scan_id, wanted)


@revisits_router.post(
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
    return added.model_copy(update={"flakes": flakes})


@revisits_router.get("/flakes/{flake_id}/revisits")
def list_revisits(flake_id: Id, sessions: SessionsDep) -> RevisitList:
    """Images taken again of a flake, oldest first."""
    return RevisitList(items=revisits.list_revisits(sessions, flake_id))


@revisits_router.get(
    "/flakes/{flake_id}/revisits/{revisit_id}/image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image as it was sent"}},
)
def get_revisit_image(flake_id: Id, revisit_id: Id, stores: StoresDep) -> Response:
    """Get an image taken again, byte for byte."""
    image, media_type = revisits.image_of_revisit(stores, flake_id, revisit_id)
    return Response(image, media_type=media_type)


def _screened(screener: Screener, image: bytes, um_per_px: float | None) -> list[Flake]:
    return unsaved_flakes(
        screener.screen_job(ScreenJob(image=image, um_per_px=um_per_px, oxide_nm=None))
    )
