import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from service.db.base import Base
from service.db.engine import build_engine
from service.db.migrate import downgrade, draft, migrate
from service.db.revision import FOLDER, is_current, newest_revision
from service.errors import InvalidValue

ROOT = Path(__file__).parents[2]


def test_migrations_make_exactly_the_tables_of_the_code(database_url):
    engine = build_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    current = is_current(engine)
    engine.dispose()

    assert differences == []
    assert current


def test_the_newest_revision_is_the_one_that_migrations_end_at():
    assert [newest_revision()] == ScriptDirectory(FOLDER).get_heads()


def test_a_downgrade_removes_every_table_and_an_upgrade_brings_them_back(database_url):
    engine = build_engine(database_url)
    downgrade(database_url, "base")
    left = inspect(engine).get_table_names()
    was_current = is_current(engine)
    migrate(database_url)
    tables = set(inspect(engine).get_table_names())
    engine.dispose()

    assert left == ["alembic_version"]
    assert not was_current
    assert tables >= set(Base.metadata.tables)


def test_processes_that_start_together_migrate_once(empty_database_url):
    script = f"from service.db.migrate import migrate; migrate({empty_database_url!r})"
    started = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]

    errors = [process.communicate()[1].decode() for process in started]

    assert errors == [""] * 3
    engine = build_engine(empty_database_url)
    with engine.connect() as connection:
        versions = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()
    assert len(versions) == 1


def test_a_draft_is_empty_while_the_tables_are_the_same_whatever_others_keep_beside_them(
    database_url, tmp_path
):
    folder = copytree(FOLDER, tmp_path / "50% of migrations")
    engine = build_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE workflow_status (id INTEGER)"))
    engine.dispose()

    draft(database_url, "nothing new", "9999", folder=folder)

    written = (folder / "versions" / "9999_nothing_new.py").read_text()
    assert written.count("pass") == 2


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_database_in_memory_is_refused(url):
    with pytest.raises(InvalidValue, match="in memory"):
        build_engine(url)


@pytest.mark.parametrize("url", ["mysql://lab/scans", "no address"])
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(InvalidValue, match="sqlite"):
        build_engine(url)
