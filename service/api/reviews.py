"""Reviews: many at once, taken back, their history, and what to review next."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.access import CallerDep
from service.api.parts import SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.flake import Flake
from service.api.schemas.review import (
    Flakes,
    NewReviews,
    ReviewQueue,
    Reviews,
    Undone,
    UndoReviews,
)
from service.scans import reviews, reviews_queue

router = APIRouter(prefix="/v1", tags=["reviews"])


@router.post("/reviews")
def review_flakes(new: NewReviews, sessions: SessionsDep, caller: CallerDep) -> Flakes:
    """Add the same verdict to several flakes, all or none."""
    said = reviews.NewReview(reviewer=caller.name, **new.model_dump(exclude={"flake_ids"}))
    return Flakes.model_validate({"items": reviews.review_flakes(sessions, new.flake_ids, said)})


@router.post("/reviews/undo")
def undo_reviews(which: UndoReviews, sessions: SessionsDep, caller: CallerDep) -> Undone:
    """Take back several reviews; one after which somebody said something else stays."""
    undone = reviews.undo_reviews(sessions, which.review_ids, caller.name)
    return Undone.model_validate({"items": undone.flakes, "kept": undone.kept})


@router.get("/flakes/{flake_id}/reviews")
def list_reviews(flake_id: Id, sessions: SessionsDep) -> Reviews:
    """Every review of a flake, oldest first, also those that were undone."""
    return Reviews.model_validate({"items": reviews.list_reviews(sessions, flake_id)})


@router.delete("/flakes/{flake_id}/review")
def undo_review(flake_id: Id, sessions: SessionsDep, caller: CallerDep) -> Flake:
    """Take back the latest review of a flake; the one before it counts again."""
    return Flake.model_validate(reviews.undo_review(sessions, flake_id, caller.name))


@router.get("/review-queue")
def review_queue(
    sessions: SessionsDep,
    scan_id: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: int = 50,
) -> ReviewQueue:
    """Flakes without a review that would teach the network most, of a scan or of all."""
    found = reviews_queue.review_queue(sessions, scan_id=scan_id, limit=limit)
    return ReviewQueue.model_validate({"items": found})
