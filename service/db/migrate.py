"""Migrate a database to the tables of this version, and tell which revision it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select

from service.db.engine import BEGIN_OPTION, build_engine
from service.db.revision import FOLDER

# Any number that nothing else in the same database locks: "flakescope" in base 36, shortened.
_LOCK_KEY = 0x666C616B65


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database to a revision, all steps or none.

    Of several processes that start at once one does the work and the others wait for it.
    """
    with _migrating(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to an earlier revision; 'base' removes every table."""
    with _migrating(url) as config:
        command.downgrade(config, revision)


def draft(url: str, message: str, number: str, *, folder: Path = FOLDER) -> None:
    """Write a new migration into a folder: what the tables have and the database has not.

    For who changes a table: `draft("sqlite:///draft.db", "training", "0002")` on a migrated
    database, then read and correct the file.
    """
    with _migrating(url, folder) as config:
        command.revision(config, message, autogenerate=True, rev_id=number)


def _alembic_config(connection: Connection, folder: Path) -> Config:
    """Build the Alembic configuration, without a file."""
    config = Config()
    # The parser of the options would read a % of the path as its own sign.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(url: str, folder: Path = FOLDER) -> Iterator[Config]:
    # Without foreign keys on SQLite: batch mode drops and renames tables, and a drop cascades.
    engine = build_engine(url, foreign_keys=False)
    try:
        with engine.connect() as connection:
            connection.execution_options(**{BEGIN_OPTION: "BEGIN IMMEDIATE"})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
                yield _alembic_config(connection, folder)
    finally:
        engine.dispose()
