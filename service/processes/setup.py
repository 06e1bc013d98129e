"""Set up a process: its database, stores, log, and how errors end it."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import OperationalError, ProgrammingError

from service.db.blobs import open_blobs
from service.db.engine import build_engine, build_sessions
from service.db.revision import is_current
from service.errors import FlakescopeError
from service.http.call import current_call
from service.http.guard import access_log
from service.jobs.database import migrate_jobs
from service.scans.tiles import Stores
from service.settings import Settings


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """Open the database and the blob store of these settings; close them at the end."""
    engine = build_engine(settings.url)
    try:
        blobs = open_blobs(settings.blob_store, settings.data_dir / "blobs")
        yield Stores(build_sessions(engine), blobs)
    finally:
        engine.dispose()


class Unusable(FlakescopeError):
    """Missing need of a command: a port is taken, a folder or the database is away."""


def migrate_database(settings: Settings) -> None:
    """Make the data folder and migrate.

    Raises
    ------
    Unusable
        The folder cannot be made, or the database does not answer, its driver is missing, it does
        not let tables be made, or a newer flakescope has made them.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _migrate(settings.url)
        migrate_jobs(settings.url)
    except OSError as error:
        raise Unusable(f"{settings.data_dir} cannot be used: {error.strerror}.") from error
    except ModuleNotFoundError as error:
        raise Unusable(
            f"The database needs {error.name}: pip install 'flakescope[postgres]'."
        ) from error
    except OperationalError as error:
        raise Unusable(f"The database does not answer: {error.orig}") from error
    except ProgrammingError as error:
        # As where PostgreSQL's user may not make tables.
        raise Unusable(f"The database cannot be migrated: {error.orig}") from error


def _migrate(url: str) -> None:
    engine = build_engine(url)
    try:
        if is_current(engine):
            return
    finally:
        engine.dispose()
    # Most starts need no migration, and Alembic takes as long to load as all tables.
    from alembic.util import CommandError  # noqa: PLC0415

    from service.db.migrate import migrate  # noqa: PLC0415

    try:
        migrate(url)
    except CommandError as error:
        raise Unusable(
            f"The database is of a newer flakescope than this one: {error}. Install that version, "
            "or restore a backup."
        ) from error


# Ours, and whatever stands behind "Bearer".
_SECRET = re.compile(r"flk_[\w-]{8,}|(?i:(?<=bearer )\S+)")

# What callers add to a line by `extra`.
_EXTRA = ("address", "status")


def set_up_logs(settings: Settings) -> None:
    """Send every line of this process to its standard error, in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    access_log.setLevel(logging.INFO if settings.access_log else logging.WARNING)
    # It tells of every call that this process makes itself.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Its INFO tells of each connection, and advertises a service of its makers.
    logging.getLogger("dbos").setLevel(logging.WARNING)


class PlainLines(logging.Formatter):
    """`INFO service.app: ... [request 12ab, scan_id 7]`."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format a log record as one line; more where there is a trace."""
        about = {"request" if key == "request_id" else key: v for key, v in _about().items()}
        said = ", ".join(f"{name} {value}" for name, value in about.items())
        first, *rest = super().format(record).split("\n")
        return without_secrets("\n".join([f"{first} [{said}]" if said else first, *rest]))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, who, scan_id, tile_id."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a log record as one line of JSON, also where there is a trace."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        line |= _about()
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, default=str))


def without_secrets(text: str) -> str:
    """Redact what looks like a token in a text."""
    return _SECRET.sub("***", text)


def _about() -> dict[str, object]:
    call = current_call()
    if call is None:
        return {}
    about: dict[str, object] = {"request_id": call.id}
    if call.who is not None:
        about["who"] = call.who
    return about | dict[str, object](call.ids)
