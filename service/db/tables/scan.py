"""Tables of scans, tiles, thumbnails, substrates. An unknown position is NULL, never 0."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, Json, both_or_none, one_of, utc_now

SCAN_STATES = ("open", "queued", "screening", "done", "failed", "cancelled")
TILE_STATES = ("queued", "screened", "failed")
POSITION_REFERENCES = ("centre", "top_left")
FLAT_FIELDS = ("none", "auto", "given")
POSITIONS = ("stated", "corrected")
SCALE_FROM = ("stated", "files")


class Scan(Base):
    """One chip or wafer, one visit."""

    __tablename__ = "scan"
    __table_args__ = (
        one_of("state", SCAN_STATES),
        one_of("position_reference", POSITION_REFERENCES),
        # Whether a folder or an archive was brought in before.
        Index(None, "source"),
        Index(None, "substrate_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    material: Mapped[str | None] = mapped_column(String(200))
    oxide_nm: Mapped[float | None]
    um_per_px: Mapped[float | None]
    # Who stated that: one of `SCALE_FROM`; and what the files say, where anything.
    um_per_px_from: Mapped[str] = mapped_column(String(16), default="stated")
    files_um_per_px: Mapped[float | None]
    # Six numbers in Micro-Manager's order: m00, m01, m02, m10, m11, m12.
    affine: Mapped[list[float] | None] = mapped_column(Json)
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
    notes: Mapped[list[str]] = mapped_column(Json, default=list)
    # Contrasts measured on its wafer; they override the thin-film model.
    substrate_id: Mapped[int | None] = mapped_column(Id, ForeignKey("substrate.id"))
    # Where its light is known from, and the blob of it: one of `FLAT_FIELDS`.
    flat_field: Mapped[str] = mapped_column(String(16), default="none")
    flat_field_sha256: Mapped[str | None] = mapped_column(String(64))
    # Which positions its map has, and which it shall have after this run: of `POSITIONS`.
    positions: Mapped[str] = mapped_column(String(16), default="stated")
    positions_wanted: Mapped[str | None] = mapped_column(String(16))
    # What the last run noticed about light and positions.
    warnings: Mapped[list[str]] = mapped_column(Json, default=list)
    # Why it failed as a whole.
    error: Mapped[str | None]
    # Each time it is brought in, screened again or cancelled: jobs of an earlier run do no more.
    run: Mapped[int] = mapped_column(default=0)
    # Of this run: tiles that were taken in or placed again, and chunks of them that became jobs.
    taken: Mapped[int] = mapped_column(default=0)
    chunks: Mapped[int] = mapped_column(default=0)
    # Counts what changes on its map: kept by `service.db.hooks`.
    map_revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Tile(Base):
    """One image of a scan; the image itself is the blob named by `sha256`."""

    __tablename__ = "tile"
    __table_args__ = (
        # One tile per position, whoever posts it and how often.
        UniqueConstraint("scan_id", "position_key"),
        one_of("state", TILE_STATES),
        both_or_none("row", "col"),
        both_or_none("stage_x_um", "stage_y_um"),
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
    # Where its neighbours' images say that it stands.
    corrected_x_um: Mapped[float | None]
    corrected_y_um: Mapped[float | None]
    um_per_px: Mapped[float | None]
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str | None] = mapped_column(ForeignKey("model_version.version"))
    background_rgb: Mapped[list[float] | None] = mapped_column(Json)
    noise_rgb: Mapped[list[float] | None] = mapped_column(Json)
    bare_fraction: Mapped[float | None]
    focus: Mapped[float | None]
    warnings: Mapped[list[str]] = mapped_column(Json)
    error: Mapped[str | None]
    # How often a job began with it: one that ends its process must not be tried for ever.
    starts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    screened_at: Mapped[datetime | None]


class Thumbnail(Base):
    """A tile at some 160 px: ten thousand are read in one query, their originals in minutes."""

    __tablename__ = "thumbnail"

    tile_id: Mapped[int] = mapped_column(
        Id, ForeignKey("tile.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # The sha256 of the image that it shows: of an earlier one where the tile was just replaced.
    # It keeps no blob alive, so its name does not end as the references do.
    made_from: Mapped[str] = mapped_column(String(64))
    # How many bits of the image's numbers are shown: 8, or what a camera gives in 16.
    depth_bits: Mapped[int]
    # Empty where the image cannot be read any more.
    jpeg: Mapped[bytes]


class Substrate(Base):
    """One kind of wafer under one microscope."""

    __tablename__ = "substrate"
    __table_args__ = (UniqueConstraint("name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    oxide_nm: Mapped[float | None]
    # 2DMatGMM's document, {"1": {"contrast": ..., "covariance_matrix": ...}}; empty where only the
    # oxide is known.
    reference_contrasts: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
