"""A substrate: oxide thickness and reference contrasts, as somebody measured them."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now
from service.db.tables.kinds import Json


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
