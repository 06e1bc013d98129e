"""Queries about reviews."""

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.db.tables import Review


def latest_reviews(session: Session, flake_ids: Collection[int]) -> dict[int, Review]:
    """The review that counts of each of some flakes; those without one are left out."""
    latest = (
        select(func.max(Review.id)).where(Review.flake_id.in_(flake_ids)).group_by(Review.flake_id)
    )
    found = session.scalars(select(Review).where(Review.id.in_(latest)))
    return {review.flake_id: review for review in found}


def reviews_of_flake(session: Session, flake_id: int) -> list[Review]:
    """Every review of a flake, oldest first."""
    query = select(Review).where(Review.flake_id == flake_id).order_by(Review.id)
    return list(session.scalars(query))


def move_reviews(session: Session, from_flake_id: int, to_flake_id: int) -> None:
    """Give one flake's reviews to another, as when both turn out to be the same."""
    session.execute(
        update(Review).where(Review.flake_id == from_flake_id).values(flake_id=to_flake_id)
    )
