"""Networks."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now
from service.db.tables.kinds import Json


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
    # What the gate measured and said at its last promotion: `service.scans.promotion`.
    gate: Mapped[dict[str, object] | None] = mapped_column(Json)
