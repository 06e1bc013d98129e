"""What PostgreSQL lends to tests: as migrations made it, alone to each session, gone after."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, inspect, text

from tests.postgres import SHAPE, PostgresSession

INSERT = "INSERT INTO event (kind, at, body) VALUES ('scan', now(), '{}') RETURNING id"
ROOT = Path(__file__).parents[2]
SLEEPING = """
import time
from sqlalchemy import make_url
from tests.postgres import PostgresSession

session = PostgresSession(make_url({url!r}))
with session.schema(), session.migrated():
    print(session.number, flush=True)
    time.sleep(600)
"""


def names(server: URL, number: str) -> set[str]:
    """Databases and schemas that carry this number."""
    engine = create_engine(server)
    with engine.connect() as connection:
        found = connection.scalars(
            text("SELECT datname FROM pg_database UNION ALL SELECT nspname FROM pg_namespace")
        ).all()
    engine.dispose()
    return {name for name in found if name.startswith(f"flakescope_{number}")}


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_lent_database_comes_back_empty_and_counts_from_one(postgres: PostgresSession) -> None:
    ids = []
    for _ in range(2):
        with postgres.migrated() as url:
            engine = create_engine(url)
            with engine.begin() as connection:
                ids.append(connection.scalar(text(INSERT)))
                assert connection.scalar(text("SELECT count(*) FROM event")) == 1
            engine.dispose()

    assert ids == [1, 1]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE left_over (id INTEGER)",
        "DROP TABLE event CASCADE",
        "ALTER TABLE event ADD COLUMN more TEXT",
        "ALTER TABLE event ALTER COLUMN body SET DEFAULT '{}'",
        "ALTER TABLE event ADD CONSTRAINT left_over CHECK (id > 0)",
        "CREATE INDEX left_over ON event (kind)",
        "CREATE SCHEMA left_over",
        "CREATE FUNCTION left_over() RETURNS INTEGER AS 'SELECT 1' LANGUAGE SQL",
    ],
)
def test_any_change_to_tables_is_seen_and_rows_are_none(
    postgres: PostgresSession, change: str
) -> None:
    with postgres.migrated() as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            made = connection.scalar(SHAPE)
            connection.execute(text(INSERT))
            filled = connection.scalar(SHAPE)
            connection.execute(text(change))
            changed = connection.scalar(SHAPE)
            connection.rollback()
        engine.dispose()

    assert made == filled != changed


def test_a_lent_database_whose_tables_changed_is_made_anew(postgres: PostgresSession) -> None:
    with postgres.migrated() as url:
        run(url, "CREATE TABLE left_over (id INTEGER)", "DROP TABLE event CASCADE")

    with postgres.migrated() as url:
        engine = create_engine(url)
        tables = inspect(engine).get_table_names()
        engine.dispose()
    assert "event" in tables
    assert "left_over" not in tables


def test_a_connection_that_a_test_left_open_holds_nothing_up(postgres: PostgresSession) -> None:
    with postgres.migrated() as url:
        engine = create_engine(url)
        left_open = engine.connect()
        left_open.execute(text("LOCK TABLE event"))

    with postgres.migrated() as url:
        run(url, "LOCK TABLE event")
    left_open.invalidate()
    left_open.close()
    engine.dispose()


def test_what_a_killed_session_left_is_dropped_and_what_a_living_one_uses_stays(
    postgres_server: URL,
) -> None:
    script = SLEEPING.format(url=postgres_server.render_as_string(hide_password=False))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        made = {f"flakescope_{number}", f"flakescope_{number}_1"}
        PostgresSession(postgres_server).close()
        assert names(postgres_server, number) == made
        process.send_signal(signal.SIGKILL)
        process.wait()

    # The server takes its time to see that the other end is gone.
    for _ in range(50):
        later = PostgresSession(postgres_server)
        later.close()
        if not names(postgres_server, number):
            break

    assert names(postgres_server, number) == set()
    assert names(postgres_server, later.number) == set()
