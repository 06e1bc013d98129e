"""Connections: an engine for SQLite or PostgreSQL, and sessions that read or write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from service.db.hooks import keep_counts, keep_events, keep_map_revisions, keep_reviewed
from service.errors import InvalidValue

Sessions = sessionmaker[Session]

# A writer waits this long for another: longer than any transaction here lasts.
BUSY_TIMEOUT_S = 30

# A machine that lost its power answers nothing, not even that it is gone: without these a call
# would wait for it for two minutes, and one that was sent already for a quarter of an hour.
_PATIENCE = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
}

# A table that somebody locked must not hold the callers of the service one by one: the longest
# report takes seconds. Jobs, migrations and backups may wait, and take what they need.
LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S = 10, 60

# The name under which a connection says how its transaction begins on SQLite.
BEGIN_OPTION = "flakescope_begin"


def build_engine(url: str, *, foreign_keys: bool = True, answers: bool = False) -> Engine:
    """Build an engine for `sqlite:///file` or `postgresql://...`; the caller disposes of it.

    `foreign_keys` is about SQLite, where each connection chooses; `answers` about PostgreSQL, which
    ends what a caller would wait for too long.

    Raises
    ------
    InvalidValue
        The address is no address, of another kind of database, or of one in memory.
    """
    address = address_of(url)
    if address.get_backend_name() == "postgresql":
        # A lab's database restarts: a stale connection is replaced, not handed out.
        return create_engine(
            address, pool_pre_ping=True, connect_args=_patience(address, answers=answers)
        )
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _without_driver_transactions)
    if foreign_keys:
        event.listen(engine, "connect", _with_foreign_keys)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _patience(address: URL, *, answers: bool) -> dict[str, Any]:
    """Arguments of a connection; what the address asks for itself stands behind and so holds."""
    if not answers:
        return dict(_PATIENCE)
    own = address.query.get("options", "")
    limits = f"-clock_timeout={LOCK_TIMEOUT_S}s -cstatement_timeout={STATEMENT_TIMEOUT_S}s"
    return _PATIENCE | {"options": f"{limits} {own}".strip()}


def build_sessions(engine: Engine) -> Sessions:
    """Sessions on an engine; rows stay readable after the commit.

    Flakes are counted, events told and changes of maps noted on the way.
    """
    sessions = sessionmaker(engine, expire_on_commit=False)
    event.listen(sessions, "before_flush", keep_reviewed)
    event.listen(sessions, "after_flush", keep_counts)
    event.listen(sessions, "after_flush", keep_events)
    event.listen(sessions, "after_flush", keep_map_revisions)
    return sessions


@contextmanager
def writing(sessions: Sessions) -> Iterator[Session]:
    """Open a write transaction: committed at the end, rolled back on an error.

    On SQLite it takes the one write lock at once: a transaction that read first could only fail
    when another wrote meanwhile (SQLITE_BUSY_SNAPSHOT, which no timeout helps).
    """
    with sessions.begin() as session:
        session.connection(execution_options={BEGIN_OPTION: "BEGIN IMMEDIATE"})
        yield session


def address_of(url: str) -> URL:
    """Parse a database address, with its driver; raises `InvalidValue`."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        # Without the text: it may hold a password.
        raise InvalidValue(
            "That is no address of a database: it looks like sqlite:///flakescope.db or "
            "postgresql://user:password@host/name."
        ) from error
    if address.drivername in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise InvalidValue(f"{address.drivername!r} is not supported: use sqlite or postgresql.")
    if address.get_backend_name() == "sqlite" and _in_memory(address):
        raise InvalidValue(
            "A database in memory is empty for every other thread: name a file, "
            "as in sqlite:///flakescope.db."
        )
    return address


def _in_memory(address: URL) -> bool:
    name = address.database or ":memory:"
    return ":memory:" in name or "memory" in (address.query.get("mode") or "")


def _without_driver_transactions(connection: Any, _record: object) -> None:
    # The driver would begin late, and not at all before a SELECT: `_begin_sqlite` does it.
    connection.isolation_level = None
    # Readers go on while one writes.
    connection.execute("PRAGMA journal_mode = WAL").close()


def _with_foreign_keys(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN_OPTION, "BEGIN"))
