"""Schemas and a database that a test session lends on PostgreSQL, and drops after its end or kill.

Medians of twelve runs on a loaded machine with two cores: a copy of a template database takes
0.30 s and dropping it 0.67 s, since that waits for a checkpoint; replaying a dumped schema 0.31 and
0.12 s; the migrations 0.43 to 0.56 s on a quieter one. One migrated database is therefore lent
again and again, emptied in between, and made anew where a test changed more than rows.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, create_engine, text

from service.db.migrate import migrate
from service.jobs.database import migrate_jobs

# Whatever a test could have changed beside rows: tables, columns, defaults, indexes, constraints,
# triggers and functions of the schemas that are ours.
SHAPE = text("""
WITH ours AS (SELECT oid FROM pg_namespace
              WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
     parts AS (
  SELECT concat_ws(' ', c.oid::regclass, c.relkind, c.relpersistence) AS part
    FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM ours)
  UNION ALL
  SELECT concat_ws(' ', a.attrelid::regclass, a.attname, a.attnotnull, a.attisdropped,
                   format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace IN (SELECT oid FROM ours) AND a.attnum > 0
  UNION ALL
  SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace IN (SELECT oid FROM ours)
  UNION ALL
  SELECT concat_ws(' ', t.conrelid::regclass, t.conname, pg_get_constraintdef(t.oid))
    FROM pg_constraint t WHERE t.connamespace IN (SELECT oid FROM ours)
  UNION ALL
  SELECT concat_ws(' ', pg_get_triggerdef(g.oid), g.tgenabled) FROM pg_trigger g
    WHERE NOT g.tgisinternal
  UNION ALL
  SELECT pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE p.pronamespace IN (SELECT oid FROM ours) AND p.prokind = 'f'
  UNION ALL
  SELECT nspname::text FROM pg_namespace WHERE oid IN (SELECT oid FROM ours))
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM parts
""")
TABLES = text("""
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'
""")
SEQUENCES = text("""
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences
""")
CONNECTED = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
# A killed session's connection is gone, and its lock with it: what carries its number is left over.
LEFT = text("""
SELECT DISTINCT substring(name FROM '^flakescope_([0-9a-f]{8})(_|$)') FROM (
  SELECT datname AS name FROM pg_database UNION ALL SELECT nspname FROM pg_namespace) AS named
WHERE name ~ '^flakescope_[0-9a-f]{8}(_|$)'
""")


class PostgresSession:
    """What one test session, or one worker of it, makes on a server; nothing of it stays.

    Every name carries the session's number, and a lock on that number lives as long as the session.
    """

    def __init__(self, server: URL) -> None:
        self.number = secrets.token_hex(4)
        self._server = server
        self._engine = create_engine(server, isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._try_lock(self.number)
        self._schemas = 0
        self._migrated: _Migrated | None = None
        self._drop_left_over()

    def close(self) -> None:
        self._drop(self.number)
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def schema(self) -> Iterator[str]:
        """Address of a fresh schema without tables: made in a hundredth of a database's time."""
        self._schemas += 1
        name = f"flakescope_{self.number}_{self._schemas}"
        self._run(f"CREATE SCHEMA {name}")
        yield _rendered(self._server.update_query_dict({"options": f"-csearch_path={name}"}))
        self._drop_schema(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Address of a database with empty tables, ours and those of the job engine."""
        name = f"flakescope_{self.number}"
        if self._migrated is None:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self._run(f"CREATE DATABASE {name}")
            self._migrated = _Migrated(self._server.set(database=name))
        yield self._migrated.url
        # Whoever is still connected belongs to a test that is over.
        self._run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        if not self._migrated.empty():
            self._migrated = None

    def _drop_left_over(self) -> None:
        for number in self._connection.scalars(LEFT).all():
            if number != self.number and self._try_lock(number):
                self._drop(number)
                self._connection.execute(
                    text("SELECT pg_advisory_unlock(:key)"), {"key": int(number, 16)}
                )

    def _drop(self, number: str) -> None:
        prefix = f"flakescope_{number}"
        self._run(f"DROP DATABASE IF EXISTS {prefix} WITH (FORCE)")
        named = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, :prefix)")
        for name in self._connection.scalars(named, {"prefix": f"{prefix}_"}).all():
            self._run(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def _drop_schema(self, name: str) -> None:
        self._run(f"DROP SCHEMA {name} CASCADE")
        # Where the job engine has put its tables beside ours.
        self._run(f"DROP SCHEMA IF EXISTS {name}_jobs CASCADE")

    def _try_lock(self, number: str) -> bool:
        locked = text("SELECT pg_try_advisory_lock(:key)")
        return bool(self._connection.scalar(locked, {"key": int(number, 16)}))

    def _run(self, statement: str) -> None:
        self._connection.execute(text(statement))


class _Migrated:
    """A database that the real migrations made, and how to make it as it was."""

    def __init__(self, address: URL) -> None:
        self.url = _rendered(address)
        migrate(self.url)
        migrate_jobs(self.url)
        self._address = address
        with self._connected() as connection:
            self._shape = connection.scalar(SHAPE)
            tables = connection.scalars(TABLES).all()
            filled = [
                name
                for name in tables
                if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {name})"))
            ]
            # The versions of the tables themselves.
            if len(filled) != len({"alembic_version", "dbos_migrations"}):
                raise AssertionError(f"migrations fill {filled}: emptying would lose their rows")
            self._emptied = "".join(
                f"DELETE FROM {name};" for name in tables if name not in filled
            ) + "".join(
                f"SELECT setval('{name}', 1, false);" for name in connection.scalars(SEQUENCES)
            )

    def empty(self) -> bool:
        """Take out all rows; False where a test has changed more than rows."""
        with self._connected() as connection:
            if connection.scalar(SHAPE) != self._shape:
                return False
            # Tables in any order: foreign keys do not look on meanwhile.
            connection.exec_driver_sql(
                f"SET LOCAL session_replication_role = replica;{self._emptied}"
            )
        return True

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self._address)
        with engine.begin() as connection:
            yield connection
        engine.dispose()


def _rendered(address: URL) -> str:
    return address.render_as_string(hide_password=False)
