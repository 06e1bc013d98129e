"""Where tests find what they need from outside: real micrographs and PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from service.db.engine import Sessions, build_engine, build_sessions
from service.db.migrate import migrate

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
    """A PostgreSQL database where schemas may be created.

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


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh database without tables, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'flakescope.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    # A schema, not a database: it is made in a hundredth of the time.
    name = f"flakescope_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        address = server.update_query_dict({"options": f"-csearch_path={name}"})
        yield address.render_as_string(hide_password=False)
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        # Where the job engine has put its tables beside ours.
        connection.execute(text(f"DROP SCHEMA IF EXISTS {name}_jobs CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables that the real migrations make, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "flakescope.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(empty_database_url: str, migrated_sqlite: Path) -> str:
    """Address of a fresh database with the tables that the real migrations make, on each kind."""
    url = make_url(empty_database_url)
    if url.get_backend_name() == "sqlite":
        copy(migrated_sqlite, str(url.database))
    else:
        migrate(empty_database_url)
    return empty_database_url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """Sessions on a fresh database, on each kind."""
    engine = build_engine(database_url)
    yield build_sessions(engine)
    engine.dispose()
