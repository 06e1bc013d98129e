"""Queries about reviews."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.db.counting import note_review
from service.db.tables import Review


def latest_reviews(session: Session, flake_ids: Collection[int]) -> dict[int, Review]:
    """The review that counts of each of some flakes; those without one are left out.

    The latest that nobody undid.
    """
    if not flake_ids:
        return {}
    # Few flakes have more than a handful: to read them all is one look at one index.
    found = session.scalars(
        select(Review)
        .where(Review.flake_id.in_(flake_ids), Review.undone_at.is_(None))
        .order_by(Review.flake_id, Review.id)
    )
    return {review.flake_id: review for review in found}


def reviews_of_flake(session: Session, flake_id: int) -> list[Review]:
    """Every review of a flake, oldest first, also those that were undone."""
    query = select(Review).where(Review.flake_id == flake_id).order_by(Review.id)
    return list(session.scalars(query))


def move_reviews(session: Session, from_flake_id: int, to_flake_id: int) -> None:
    """Give one flake's reviews to another, as when both turn out to be the same."""
    moved = session.scalars(
        update(Review)
        .where(Review.flake_id == from_flake_id)
        .values(flake_id=to_flake_id)
        .returning(Review.undone_at)
    )
    if any(undone_at is None for undone_at in moved.all()):
        note_review(session, to_flake_id)
