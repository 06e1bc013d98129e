"""Which revision a database's tables are of, asked without Alembic, which takes long to load."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

# Beside the package, in a checkout and in an installed wheel.
FOLDER = Path(__file__).parents[2] / "migrations"


def newest_revision() -> str:
    """Find the table revision that this service expects: migrations are files by number."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("*.py"))


def is_current(engine: Engine) -> bool:
    """Tell whether the database has exactly the tables that this service expects."""
    with engine.connect() as connection:
        return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str:
    """Read the table revision of a database; empty before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
