"""Trainings, and the labelled pictures that somebody brought in for them."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now
from service.db.tables.kinds import Json, one_of

TRAINING_STATES = ("queued", "running", "done", "failed", "cancelled")
# Class folders, the flat folder of the study, COCO.
DATASET_KINDS = ("classes", "flat", "coco")


class Dataset(Base):
    """Labelled pictures; the archive itself is the blob named by `sha256`."""

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("sha256"),
        one_of("kind", DATASET_KINDS),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    group_by: Mapped[str] = mapped_column(String(16))
    # Whether every flake on its tiles is marked.
    exhaustive: Mapped[bool]
    graphene: Mapped[int]
    other: Mapped[int]
    groups: Mapped[int]
    # Name of the deleted scan whose reviews these are: part of what a training takes for reviews.
    kept_scan: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[str] = mapped_column(String(200))


class Training(Base):
    """One training job.

    No reference to its model version or data sets: either may be deleted, what it was made of
    stays known.
    """

    __tablename__ = "training"
    __table_args__ = (one_of("state", TRAINING_STATES), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    config: Mapped[dict[str, object]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    # Since its last epoch: what ends its process again and again is given up.
    starts: Mapped[int] = mapped_column(default=0)
    epochs: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)
    result: Mapped[dict[str, object] | None] = mapped_column(Json)
    model_version: Mapped[str | None] = mapped_column(String(200))
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    # Why it failed, in words.
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
