"""The tables. Units stand in names; a position that nobody knows is NULL, never 0."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now

SCAN_STATES = ("open", "queued", "screening", "done", "failed", "cancelled")
TILE_STATES = ("queued", "screened", "failed")
POSITION_REFERENCES = ("centre", "top_left")
REVIEW_LABELS = ("graphene", "not_graphene", "unsure")

# JSON of Python's None is SQL NULL.
_Json = JSON(none_as_null=True)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _both_or_none(one: str, other: str) -> CheckConstraint:
    return CheckConstraint(f"({one} IS NULL) = ({other} IS NULL)", name=f"{one}_with_{other}")


class Scan(Base):
    """One chip or wafer, one visit."""

    __tablename__ = "scan"
    __table_args__ = (
        _one_of("state", SCAN_STATES),
        _one_of("position_reference", POSITION_REFERENCES),
        # Whether a folder or an archive was brought in before.
        Index(None, "source"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    material: Mapped[str | None] = mapped_column(String(200))
    oxide_nm: Mapped[float | None]
    um_per_px: Mapped[float | None]
    # Six numbers in Micro-Manager's order: m00, m01, m02, m10, m11, m12.
    affine: Mapped[list[float] | None] = mapped_column(_Json)
    flip_x: Mapped[bool]
    flip_y: Mapped[bool]
    swap_xy: Mapped[bool]
    position_reference: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    tiles_expected: Mapped[int | None]
    # Diagonal of its largest tile: how far apart two overlapping tiles can stand.
    tile_reach_um: Mapped[float | None]
    # What it was brought in from, and how that was read.
    source: Mapped[str | None] = mapped_column(String(1000))
    format: Mapped[str | None] = mapped_column(String(200))
    notes: Mapped[list[str]] = mapped_column(_Json, default=list)
    # Why it failed as a whole.
    error: Mapped[str | None]
    # Each time it is brought in, screened again or cancelled: jobs of an earlier run do no more.
    run: Mapped[int] = mapped_column(default=0)
    # Of this run: tiles that were taken in, and chunks of them that became jobs.
    taken: Mapped[int] = mapped_column(default=0)
    chunks: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Tile(Base):
    """One image of a scan; the image itself is the blob named by `sha256`."""

    __tablename__ = "tile"
    __table_args__ = (
        # One tile per position, whoever posts it and how often.
        UniqueConstraint("scan_id", "position_key"),
        _one_of("state", TILE_STATES),
        _both_or_none("row", "col"),
        _both_or_none("stage_x_um", "stage_y_um"),
        Index(None, "scan_id", "state"),
        # A column of neighbours on the stage; their rows are compared in what is found.
        Index(None, "scan_id", "stage_x_um", "stage_y_um"),
        # Whether another tile still needs the same blob.
        Index(None, "sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    scan_id: Mapped[int] = mapped_column(Id, ForeignKey("scan.id", ondelete="CASCADE"))
    # Row and column, else the stage position, else the name: `service.scans.positions`.
    position_key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str | None] = mapped_column(String(255))
    row: Mapped[int | None]
    col: Mapped[int | None]
    stage_x_um: Mapped[float | None]
    stage_y_um: Mapped[float | None]
    stage_z_um: Mapped[float | None]
    um_per_px: Mapped[float | None]
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str | None] = mapped_column(ForeignKey("model_version.version"))
    background_rgb: Mapped[list[float] | None] = mapped_column(_Json)
    noise_rgb: Mapped[list[float] | None] = mapped_column(_Json)
    bare_fraction: Mapped[float | None]
    focus: Mapped[float | None]
    warnings: Mapped[list[str]] = mapped_column(_Json)
    error: Mapped[str | None]
    # How often a job began with it: one that ends its process must not be tried for ever.
    starts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    screened_at: Mapped[datetime | None]


class Seen:
    """What a detection and a flake share: the verdict and the measures.

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
    polygon_px: Mapped[list[list[float]]] = mapped_column(_Json)
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
        # Counting, and each sort of a list: within a scan and over all scans.
        Index(None, "scan_id", "is_lost", "is_graphene"),
        Index(None, "scan_id", "area_um2", "id"),
        Index(None, "scan_id", "p_graphene", "id"),
        Index(None, "area_um2", "id"),
        Index(None, "p_graphene", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    scan_id: Mapped[int] = mapped_column(Id, ForeignKey("scan.id", ondelete="CASCADE"))
    polygon_um: Mapped[list[list[float]] | None] = mapped_column(_Json)
    # No detection is left; the row stays because somebody reviewed it.
    is_lost: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


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
    """A person's verdict on a flake. Rows are only added; the latest counts."""

    __tablename__ = "review"
    __table_args__ = (
        _one_of("label", REVIEW_LABELS),
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


class ModelVersion(Base):
    """One exported network with its metrics."""

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("version"),
        # One active model version: true is unique, false is not looked at.
        Index(
            "uq_model_version_active",
            "is_active",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    version: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    architecture: Mapped[str | None] = mapped_column(String(200))
    input_size_px: Mapped[int]
    threshold: Mapped[float]
    temperature: Mapped[float]
    data_digest: Mapped[str] = mapped_column(String(200))
    metrics: Mapped[dict[str, object]] = mapped_column(_Json)
    provenance: Mapped[dict[str, object]] = mapped_column(_Json)
    is_active: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    promoted_at: Mapped[datetime | None]


class Worker(Base):
    """A process that runs jobs; it is taken for dead where it was not seen for some seconds."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    seen_at: Mapped[datetime]
