"""Restore: a snapshot's rows and images into an empty database and store."""

from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text, update

from service.db.base import Base
from service.db.blobs import FolderBlobStore
from service.db.engine import writing
from service.db.queries.blobs import all_blobs_in_use
from service.db.revision import revision_of
from service.db.tables import Scan
from service.errors import Conflict, InvalidValue
from service.keeping.backup import LEFT_OUT, Manifest, read_manifest
from service.keeping.rows import read_rows
from service.scans.tiles import Stores

INTERRUPTED = "It was being screened when the backup was made: screen what is missing again."


def restore(stores: Stores, snapshot: Path) -> Manifest:
    """Bring back all rows and images of a snapshot; what the snapshot holds.

    The database must have its tables and no rows. All comes in one transaction: whatever goes
    wrong, it can be tried again.

    Raises
    ------
    NotFound
        The folder is no snapshot.
    InvalidValue
        It is of another version of the tables.
    Conflict
        The database is not empty.
    """
    manifest = read_manifest(snapshot)
    kept = FolderBlobStore(snapshot.parent / "blobs")
    with writing(stores.sessions) as session:
        connection = session.connection()
        _check(connection, manifest)
        for table in _tables():
            read_rows(connection, table, snapshot / f"{table.name}.jsonl.gz")
            _count_on(connection, table)
        _end_runs(connection)
        for name in set(all_blobs_in_use(session)) - set(manifest.lost):
            stores.blobs.put(kept.get(name))
    return manifest


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def _check(connection: Connection, manifest: Manifest) -> None:
    revision = revision_of(connection)
    if revision != manifest.revision:
        raise InvalidValue(
            f"The backup has tables of revision {manifest.revision}, this database {revision}: "
            f"restore it with Flakescope {manifest.flakescope}, then upgrade."
        )
    for table in _tables():
        if connection.scalar(select(func.count()).select_from(table)):
            raise Conflict(f"The database is not empty: it has rows in {table.name!r}.")


def _count_on(connection: Connection, table: Table) -> None:
    """Let new rows count on from the restored ones; SQLite does so by itself."""
    key = table.primary_key.columns.values()[0]
    if connection.dialect.name != "postgresql" or key.name != "id":
        return
    last = connection.scalar(select(func.max(key)))
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
        connection.execute(sequence, {"name": table.name, "last": last})


def _end_runs(connection: Connection) -> None:
    # The jobs of these runs are not in the backup: nobody would ever end them.
    running = Scan.state.in_(("queued", "screening"))
    connection.execute(update(Scan).where(running).values(state="failed", error=INTERRUPTED))
