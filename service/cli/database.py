"""The database of this command line's settings."""

from sqlalchemy.exc import OperationalError, ProgrammingError

from service.cli.errors import Unusable
from service.db.engine import build_engine
from service.db.revision import is_current
from service.jobs.database import migrate_jobs
from service.settings import Settings


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
