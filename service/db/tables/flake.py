"""Tables of detections, flakes, reviews, revisits. An unknown position is NULL, never 0."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, Json, both_or_none, one_of, utc_now

REVIEW_LABELS = ("graphene", "not_graphene", "unsure")

# By what flakes are sorted, in the scan or over all scans.
SORTED_BY = ("id", "area_um2", "p_graphene", "layers")

# What the map asks and shows of each flake in a box: one index holds it all, so that fifty
# thousand flakes are read without their rows.
SHOWN_ON_MAP = (
    "scan_id",
    "centre_x_um",
    "centre_y_um",
    "is_lost",
    "is_graphene",
    "is_reviewed",
    "layers",
    "area_um2",
    "p_graphene",
    "id",
)


def page_indexes(*first: str) -> list[Index]:
    """Build an index for each sort, within a verdict and what is reviewed or not.

    Each also holds what the other filters ask: the rows themselves, which are a hundred times
    larger, are read only for what is shown.
    """
    made = []
    for column in SORTED_BY:
        others = [name for name in SORTED_BY if name not in (column, "id")]
        by = [column] if column == "id" else [column, "id"]
        name = "_".join(("ix_flake_by", *first, column))
        made.append(Index(name, *first, "is_graphene", "is_reviewed", *by, *others, "is_lost"))
    return made


class Seen:
    """The columns that a detection and a flake share: the verdict and the measures.

    Pixels are of the tile `tile_id`; um are of the stage, NULL without a position and a scale.
    """

    tile_id: Mapped[int] = mapped_column(Id, ForeignKey("tile.id", ondelete="CASCADE"))
    p_graphene: Mapped[float]
    is_graphene: Mapped[bool]
    threshold: Mapped[float]
    model_version: Mapped[str] = mapped_column(ForeignKey("model_version.version"))
    layers: Mapped[int | None]
    layers_sigma: Mapped[float | None]
    layers_source: Mapped[str | None] = mapped_column(String(32))
    area_px: Mapped[int]
    area_um2: Mapped[float | None]
    bbox_x_px: Mapped[int]
    bbox_y_px: Mapped[int]
    bbox_width_px: Mapped[int]
    bbox_height_px: Mapped[int]
    centre_x_px: Mapped[float]
    centre_y_px: Mapped[float]
    polygon_px: Mapped[list[list[float]]] = mapped_column(Json)
    centre_x_um: Mapped[float | None]
    centre_y_um: Mapped[float | None]
    contrast_r: Mapped[float]
    contrast_g: Mapped[float]
    contrast_b: Mapped[float]
    touches_border: Mapped[bool]


class Flake(Seen, Base):
    """Detections of the same object on overlapping tiles, as the best tile shows it."""

    __tablename__ = "flake"
    __table_args__ = (
        Index(None, "tile_id"),
        *page_indexes("scan_id"),
        *page_indexes(),
        Index("ix_flake_by_place", *SHOWN_ON_MAP),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    scan_id: Mapped[int] = mapped_column(
        Id, ForeignKey("scan.id", ondelete="CASCADE"), active_history=True
    )
    is_graphene: Mapped[bool] = mapped_column(active_history=True)
    polygon_um: Mapped[list[list[float]] | None] = mapped_column(Json)
    # No detection is left; the row stays because somebody reviewed it.
    is_lost: Mapped[bool] = mapped_column(default=False, active_history=True)
    # Whether it has a review: kept by `service.db.hooks`.
    is_reviewed: Mapped[bool] = mapped_column(default=False, active_history=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class FlakeCount(Base):
    """Flakes of a scan by verdict and by whether they are reviewed, lost ones left out.

    Counting a million rows takes too long for an answer: `service.db.hooks` keeps this beside
    them, in the same transaction.
    """

    __tablename__ = "flake_count"

    scan_id: Mapped[int] = mapped_column(
        Id, ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True
    )
    is_graphene: Mapped[bool] = mapped_column(primary_key=True)
    is_reviewed: Mapped[bool] = mapped_column(primary_key=True)
    flakes: Mapped[int]


class Detection(Seen, Base):
    """A classified candidate on one tile by one model version."""

    __tablename__ = "detection"
    __table_args__ = (
        UniqueConstraint("tile_id", "model_version", "candidate_index"),
        Index(None, "flake_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    candidate_index: Mapped[int]
    flake_id: Mapped[int | None] = mapped_column(Id, ForeignKey("flake.id", ondelete="SET NULL"))
    # One bit a pixel of the bounding box, as PNG: parts and holes that the outline leaves out.
    mask_png: Mapped[bytes]
    min_x_um: Mapped[float | None]
    min_y_um: Mapped[float | None]
    max_x_um: Mapped[float | None]
    max_y_um: Mapped[float | None]


class Review(Base):
    """A person's verdict on a flake. Rows are only added; the latest that nobody undid counts."""

    __tablename__ = "review"
    __table_args__ = (
        one_of("label", REVIEW_LABELS),
        Index(None, "flake_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    flake_id: Mapped[int] = mapped_column(Id, ForeignKey("flake.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(16))
    layers: Mapped[int | None]
    note: Mapped[str | None]
    reviewer: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    # Since when it does not count any more, and who took it back.
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(200))


class Revisit(Base):
    """An image that belongs to a flake; the image itself is the blob named by `sha256`."""

    __tablename__ = "revisit"
    __table_args__ = (
        # The same image sent again is the same revisit.
        UniqueConstraint("flake_id", "sha256"),
        both_or_none("stage_x_um", "stage_y_um"),
        # Whether a revisit still needs a blob.
        Index(None, "sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    flake_id: Mapped[int] = mapped_column(Id, ForeignKey("flake.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))
    name: Mapped[str | None] = mapped_column(String(255))
    um_per_px: Mapped[float | None]
    stage_x_um: Mapped[float | None]
    stage_y_um: Mapped[float | None]
    stage_z_um: Mapped[float | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
