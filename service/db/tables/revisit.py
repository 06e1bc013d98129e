"""Images taken again of a flake, mostly at higher magnification."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now
from service.db.tables.kinds import both_or_none


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
