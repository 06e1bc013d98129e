"""Sweeping: blobs that no row refers to any more are deleted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from service.db.blobs import BlobStore
from service.db.engine import Sessions, writing
from service.db.queries.blobs import blobs_in_use, lock_blobs

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
