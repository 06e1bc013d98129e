"""Who may do what, and what administrators did."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id, one_of, utc_now

ROLES = ("operator", "admin")


class ApiToken(Base):
    """An access token; its text is known to its owner alone."""

    __tablename__ = "api_token"
    __table_args__ = (
        one_of("role", ROLES),
        Index(None, "prefix"),
        # A name tells of one living token: reviews and the audit log are signed with it.
        Index(
            "uq_api_token_living_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    # sha256 of the token in hex, and how it begins: the row is found by that.
    digest: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Audit(Base):
    """Something an administrator asked for. The row is there before it is done."""

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    who: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(100))
    object: Mapped[str] = mapped_column(String(300))
    # NULL where the process ended before it was known.
    outcome: Mapped[str | None] = mapped_column(String(300))
