"""The newest sure reviews, with what they were said of."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from service.db.tables import Detection, Flake, Review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A detection of a flake on its best tile, and what the latest review of the flake says."""

    flake_id: int
    tile_id: int
    label: str
    x_px: int
    y_px: int
    mask_png: bytes


def newest_reviewed(session: Session, limit: int) -> list[Reviewed]:
    """Flakes by their latest review, the newest first; unsure ones and lost flakes are left out."""
    later = aliased(Review)
    superseded = exists().where(
        later.flake_id == Review.flake_id, later.id > Review.id, later.undone_at.is_(None)
    )
    query = (
        select(
            Review.flake_id,
            Detection.tile_id,
            Review.label,
            Detection.bbox_x_px,
            Detection.bbox_y_px,
            Detection.mask_png,
        )
        .join(Flake, Flake.id == Review.flake_id)
        .join(Detection, (Detection.flake_id == Flake.id) & (Detection.tile_id == Flake.tile_id))
        .where(
            Review.undone_at.is_(None),
            Review.label.in_(("graphene", "not_graphene")),
            Flake.is_lost.is_(False),
            ~superseded,
        )
        # A flake in several parts on its tile: the largest is what people looked at.
        .order_by(Review.id.desc(), Detection.area_px.desc())
        .limit(limit)
    )
    unique: dict[int, Reviewed] = {}
    for row in session.execute(query):
        unique.setdefault(row.flake_id, Reviewed(*row))
    return list(unique.values())
