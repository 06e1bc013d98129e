"""Where the engine keeps its tables: beside ours in SQLite, in a schema of their own elsewhere."""

import logging
from importlib.metadata import version

from sqlalchemy import column, create_engine, inspect, select, table, text
from sqlalchemy.engine import URL

from service.db.engine import address_of

# The engine's version and that of its tables. Where both are found a start need not load the
# engine to ask it; with any other the engine decides.
KNOWN_ENGINE, KNOWN_TABLES = "3.4.0", 125


def migrate_jobs(url: str) -> None:
    """Make the engine's tables, or bring them up to date."""
    # Its INFO tells of every step and advertises a service of its makers.
    logging.getLogger("dbos").setLevel(logging.WARNING)
    if version("dbos") == KNOWN_ENGINE and tables_of(url) == KNOWN_TABLES:
        return
    from dbos import DBOS  # noqa: PLC0415 - takes long to load, and serving needs it late

    DBOS.migrate(connectable(url), schema=schema_of(url))


def tables_of(url: str) -> int:
    """Read the version of the engine's tables; 0 where there are none."""
    address = address_of(url)
    schema = None if address.get_backend_name() == "sqlite" else schema_of(url)
    versions = table("dbos_migrations", column("version"), schema=schema)
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(versions.name, schema=schema):
                return 0
            return connection.scalar(select(versions.c.version)) or 0
    finally:
        engine.dispose()


def connectable(url: str) -> str:
    """Format the database's address with its driver, and with its password."""
    return address_of(url).render_as_string(hide_password=False)


def schema_of(url: str) -> str:
    """Name the schema beside that of our own tables; SQLite has none, and needs none."""
    address = address_of(url)
    own = "public" if address.get_backend_name() == "sqlite" else _current_schema(address)
    return "flakescope_jobs" if own == "public" else f"{own}_jobs"


def _current_schema(address: URL) -> str:
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT current_schema()")))
    finally:
        engine.dispose()
