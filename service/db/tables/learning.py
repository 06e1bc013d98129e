"""What happened, and what earlier model versions said."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, utc_now
from service.db.tables.kinds import Json


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
    """What a model version said of a flake before another screened its tile.

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
