"""Find which rows refer to which blobs, and delete blobs that none refers to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import Column, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.db.base import Base
from service.db.blobs import BlobStore
from service.db.engine import Sessions, writing

# Any number that nothing else in the same database locks: "blobs" in ASCII.
_BLOBS_LOCK_KEY = 0x626C6F6273


def blob_columns() -> list[Column[str]]:
    """List every column that names a blob: those that end in `sha256`, in whatever table."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sha256")
    ]


def blobs_in_use(session: Session, names: Sequence[str]) -> set[str]:
    """Find those of some blobs that a row refers to."""
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
    """Take the blob lock until the transaction ends: shared to reference, exclusive to delete.

    On SQLite a transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if exclusive else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(_BLOBS_LOCK_KEY)))


# So many are deleted while new tiles wait: a fraction of a second.
_AT_ONCE = 200


def sweep_blobs(sessions: Sessions, blobs: BlobStore, names: Sequence[str]) -> None:
    """Delete those of some blobs that no row refers to; call it after the rows are gone.

    A tile that comes meanwhile with one of these blobs either is seen here, or puts it again.
    """
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        with writing(sessions) as session:
            lock_blobs(session, exclusive=True)
            for name in set(some) - blobs_in_use(session, some):
                blobs.delete(name)


@contextmanager
def swept_on_failure(sessions: Sessions, blobs: BlobStore, name: str) -> Iterator[None]:
    """Around putting a blob and the row that refers to it: where that fails, the blob goes too."""
    try:
        yield
    except Exception:
        # Without a database nobody knows whose the blob is: the same image, sent again, takes it.
        with suppress(SQLAlchemyError):
            if blobs.has(name):
                sweep_blobs(sessions, blobs, [name])
        raise
