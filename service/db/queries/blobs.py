"""Which rows refer to which blobs."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, func, select
from sqlalchemy.orm import Session

from service.db.base import Base

# Any number that nothing else in the same database locks: "blobs" in ASCII.
_BLOBS_LOCK_KEY = 0x626C6F6273


def blob_columns() -> list[Column[str]]:
    """Every column that names a blob: those that end in `sha256`, in whatever table."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sha256")
    ]


def blobs_in_use(session: Session, names: Sequence[str]) -> set[str]:
    """Those of some blobs that a row refers to."""
    return {
        name
        for column in blob_columns()
        for name in session.scalars(select(column).where(column.in_(names)).distinct())
    }


def all_blobs_in_use(session: Session) -> Iterator[str]:
    """Names of all blobs that rows refer to; one that two tables name comes twice."""
    for column in blob_columns():
        rows = session.scalars(select(column).where(column.is_not(None)).distinct())
        yield from rows.yield_per(10_000)


def lock_blobs(session: Session, *, exclusive: bool) -> None:
    """Until the transaction ends: who refers to a blob shares, who deletes blobs is alone.

    On SQLite a transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if exclusive else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(_BLOBS_LOCK_KEY)))
