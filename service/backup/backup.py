"""Back up and restore all rows and originals."""

import gzip
import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, func, insert, select, text, update

from flakescope.client.lock import FileLock
from service.db.base import Base, UtcDateTime
from service.db.blobs import BlobStore, FolderBlobStore, is_sound
from service.db.engine import Sessions, writing
from service.db.queries.blobs import all_blobs_in_use
from service.db.revision import revision_of
from service.db.tables import Scan
from service.errors import Conflict, InvalidValue, NotFound
from service.scans.tiles import Stores

# Rows in memory at once: a flake with its outline is about 2 kB.
_AT_ONCE = 2000


def write_rows(connection: Connection, table: Table, path: Path) -> int:
    """Write every row of a table, after a line with the names of its columns; how many."""
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(table))
    count = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=5) as file:
        file.write(_line([column.name for column in table.columns]))
        for row in rows:
            file.write(_line([_plain(value) for value in row]))
            count += 1
    return count


def read_rows(connection: Connection, table: Table, path: Path) -> int:
    """Insert the rows that `write_rows` wrote; how many."""
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as file:
        columns = [table.columns[name] for name in json.loads(file.readline())]
        rows = ({c.name: _typed(c.type, v) for c, v in _pairs(columns, line)} for line in file)
        while some := list(islice(rows, _AT_ONCE)):
            connection.execute(insert(table), some)
            count += len(some)
    return count


def _pairs(columns: list[Any], line: str) -> Iterator[tuple[Any, Any]]:
    return zip(columns, json.loads(line), strict=True)


def _line(values: list[Any]) -> str:
    return json.dumps(values, separators=(",", ":")) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return b64decode(value)
    return value


# Which workers live is of this minute, not of the lab.
LEFT_OUT = ("worker",)

# A scan that is deleted while its images are copied takes them along: then the rows are read again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Manifest:
    """A snapshot's manifest: what it holds.

    Attributes
    ----------
    revision : str
        Of the tables; they are restored by the same version of Flakescope.
    rows : dict of str to int
        Number of rows by table.
    blobs : int
        Images that the rows refer to, each once.
    lost : list of str
        Names of those that were not there, or were damaged: they were lost before.
    """

    made_at: str
    flakescope: str
    revision: str
    rows: dict[str, int]
    blobs: int
    lost: list[str]


def back_up(stores: Stores, folder: Path, *, quick: bool = False) -> Path:
    """Add a snapshot to a backup folder while the service goes on; the snapshot's own folder.

    All rows are of one moment. Images that the folder has are compared with their digests and
    copied again where they are damaged; those that it does not have are copied.

    Parameters
    ----------
    quick : bool
        Take what the folder has as it is, so that a second backup costs little.

    Raises
    ------
    Conflict
        Another backup into this folder goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    if not lock.take():
        raise Conflict(f"Another backup into {folder.name!r} goes on: wait for its end.")
    try:
        return _back_up(stores, folder, quick=quick)
    finally:
        lock.release()


def _back_up(stores: Stores, folder: Path, *, quick: bool) -> Path:
    kept = FolderBlobStore(folder / "blobs")
    unfinished = folder / ".unfinished"
    for left in reversed(range(_TRIES)):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        rows, names, revision = _snapshot(stores.sessions, unfinished)
        lost = _copy(stores.blobs, kept, names, quick=quick)
        if not lost or not left:
            break
    now = datetime.now(UTC)
    manifest = Manifest(
        now.isoformat(timespec="seconds"), version("flakescope"), revision, rows, len(names), lost
    )
    (unfinished / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1))
    # A snapshot is there whole or not at all.
    return unfinished.rename(folder / now.strftime("%Y%m%dT%H%M%S.%fZ"))


def read_manifest(snapshot: Path) -> Manifest:
    """Read the manifest of a snapshot; raises `NotFound` where it is none."""
    try:
        return Manifest(**json.loads((snapshot / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise NotFound(f"{snapshot.name!r} is no snapshot of a backup.") from error


def latest_snapshot(folder: Path) -> Path:
    """Find the newest snapshot of a backup folder; raises `NotFound`."""
    found = sorted(path.parent for path in folder.glob("*/manifest.json"))
    if not found:
        raise NotFound(f"There is no snapshot in {folder.name!r}.")
    return found[-1]


def _snapshot(sessions: Sessions, folder: Path) -> tuple[dict[str, int], list[str], str]:
    with sessions() as session:
        # SQLite reads what was there when the transaction began in any case.
        is_postgres = session.get_bind().dialect.name == "postgresql"
        options = {"isolation_level": "REPEATABLE READ"} if is_postgres else {}
        connection = session.connection(execution_options=options)
        rows = _write_tables(connection, folder)
        return rows, sorted(set(all_blobs_in_use(session))), revision_of(connection)


def _write_tables(connection: Connection, folder: Path) -> dict[str, int]:
    return {
        table.name: write_rows(connection, table, folder / f"{table.name}.jsonl.gz")
        for table in Base.metadata.sorted_tables
        if table.name not in LEFT_OUT
    }


def _copy(
    blobs: BlobStore, kept: FolderBlobStore, names: Sequence[str], *, quick: bool
) -> list[str]:
    lost = []
    for name in names:
        if kept.has(name) if quick else is_sound(kept, name):
            continue
        try:
            kept.put(blobs.get(name))
        except NotFound:
            lost.append(name)
    return lost


INTERRUPTED = "It was being screened when the backup was made: screen what is missing again."


def restore(stores: Stores, snapshot: Path) -> Manifest:
    """Bring back all rows and images of a snapshot; what it holds, and what of it is lost.

    The database must have its tables and no rows. All comes in one transaction: whatever goes
    wrong, it can be tried again. Images that are lost or damaged in the backup are left out: sent
    again, they take their place.

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
        lost = _bring_back(stores.blobs, kept, sorted(set(all_blobs_in_use(session))))
    return replace(manifest, lost=lost)


def _bring_back(blobs: BlobStore, kept: FolderBlobStore, names: Sequence[str]) -> list[str]:
    """Put the images of a backup into a store; the names of those that it lost."""
    lost = []
    for name in names:
        try:
            blobs.put(kept.get(name))
        except NotFound:
            lost.append(name)
    return lost


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
