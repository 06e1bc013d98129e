"""Tables of model versions, trainings, data sets, events, and verdicts of earlier versions."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, Json, one_of, utc_now


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
    metrics: Mapped[dict[str, object]] = mapped_column(Json)
    provenance: Mapped[dict[str, object]] = mapped_column(Json)
    is_active: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[str | None] = mapped_column(String(200))
    promoted_at: Mapped[datetime | None]
    promoted_by: Mapped[str | None] = mapped_column(String(200))
    # What was active before it: there a rollback goes.
    replaced_version: Mapped[str | None] = mapped_column(String(200))
    # What the gate measured and said at its last promotion: `service.registry.promotion`.
    gate: Mapped[dict[str, object] | None] = mapped_column(Json)


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


# Every kind of event; docs/review.md says what each tells, and the page listens by the same names.
EventKind = Literal[
    "scan_state", "tile_screened", "tile_failed", "training", "model_promoted", "reviewed"
]
EVENT_KINDS = get_args(EventKind)


class Event(Base):
    """Something that a listener may want to know; only the newest are kept.

    Written in the transaction that did it: what was rolled back never happened.
    """

    __tablename__ = "event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str] = mapped_column(String(32))
    # No reference: the end of a scan is an event too.
    scan_id: Mapped[int | None] = mapped_column(Id)
    body: Mapped[dict[str, object]] = mapped_column(Json)


class PastVerdict(Base):
    """A model version's verdict on a flake before another screened its tile.

    No reference to the flake: one that the later version's screening removed is a change too.
    """

    __tablename__ = "past_verdict"
    __table_args__ = (Index(None, "scan_id", "model_version"),)

    flake_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    model_version: Mapped[str] = mapped_column(
        ForeignKey("model_version.version"), primary_key=True
    )
    scan_id: Mapped[int] = mapped_column(Id, ForeignKey("scan.id", ondelete="CASCADE"))
    p_graphene: Mapped[float]
    is_graphene: Mapped[bool]
