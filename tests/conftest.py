"""Where tests find what they need from outside: real micrographs and PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import OperationalError

from service.db.engine import Sessions, build_engine, build_sessions
from service.db.migrate import migrate
from tests.postgres import PostgresSession

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real micrographs: $FLAKESCOPE_DATA, or shared/data beside the checkout."""
    folder = Path(os.environ.get("FLAKESCOPE_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "frames" / "frames.csv").is_file():
        pytest.skip(f"no real micrographs at {folder}; set FLAKESCOPE_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """A PostgreSQL database, and a superuser: databases are made and emptied past foreign keys.

    That is $FLAKESCOPE_TEST_POSTGRES, or `test` on this machine if it answers.
    """
    given = os.environ.get("FLAKESCOPE_TEST_POSTGRES")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    url = make_url(given or "postgresql://127.0.0.1:5432/test").set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except OperationalError:
        if given:
            raise
        pytest.skip(f"no PostgreSQL at {url.render_as_string()}; set FLAKESCOPE_TEST_POSTGRES")
    finally:
        engine.dispose()
    return url


@pytest.fixture(scope="session")
def postgres(postgres_server: URL) -> Iterator[PostgresSession]:
    """Schemas and a database on that server, dropped at the end."""
    session = PostgresSession(postgres_server)
    yield session
    session.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def empty_database_url(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path
) -> Iterator[str]:
    """Address of a fresh database without tables, on each kind."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'flakescope.db'}"
        return
    with request.getfixturevalue("postgres").schema() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables that the real migrations make, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "flakescope.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, database_kind: str, migrated_sqlite: Path, tmp_path: Path
) -> Iterator[str]:
    """Address of a database with the tables that the real migrations make, empty, on each kind."""
    if database_kind == "sqlite":
        copy(migrated_sqlite, tmp_path / "flakescope.db")
        yield f"sqlite:///{tmp_path / 'flakescope.db'}"
        return
    with request.getfixturevalue("postgres").migrated() as url:
        yield url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """Sessions on a fresh database, on each kind."""
    engine = build_engine(database_url)
    yield build_sessions(engine)
    engine.dispose()
