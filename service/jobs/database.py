"""Where the engine keeps its tables: beside ours in SQLite, in a schema of their own elsewhere."""

import logging

from dbos import DBOS
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from service.db.engine import address_of


def migrate_jobs(url: str) -> None:
    """Make the engine's tables, or bring them up to date."""
    # Its INFO tells of every step and advertises a service of its makers.
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS.migrate(connectable(url), schema=schema_of(url))


def connectable(url: str) -> str:
    """The database's address with its driver, and with its password."""
    return address_of(url).render_as_string(hide_password=False)


def schema_of(url: str) -> str:
    """The schema beside the one that holds our own tables; SQLite has none, and needs none."""
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
