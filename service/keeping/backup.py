"""Backup: a folder with the images, and one snapshot of all rows for each time it was called."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection

from service.db.base import Base
from service.db.blobs import BlobStore, FolderBlobStore
from service.db.engine import Sessions
from service.db.queries.blobs import all_blobs_in_use
from service.db.revision import revision_of
from service.errors import NotFound
from service.keeping.rows import write_rows
from service.scans.tiles import Stores

# Which workers live is of this minute, not of the lab.
LEFT_OUT = ("worker",)

# A scan that is deleted while its images are copied takes them along: then the rows are read again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds.

    Attributes
    ----------
    revision : str
        Of the tables; they are restored by the same version of Flakescope.
    rows : dict of str to int
        Number of rows by table.
    blobs : int
        Images that the rows refer to, each once.
    lost : list of str
        Names of those that the store did not have: they were lost before.
    """

    made_at: str
    flakescope: str
    revision: str
    rows: dict[str, int]
    blobs: int
    lost: list[str]


def back_up(stores: Stores, folder: Path) -> Path:
    """Add a snapshot to a backup folder while the service goes on; the snapshot's own folder.

    All rows are of one moment. Images are copied that the folder does not have yet, so that a
    second backup costs little.
    """
    kept = FolderBlobStore(folder / "blobs")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / ".unfinished"
    for left in reversed(range(_TRIES)):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        rows, names, revision = _snapshot(stores.sessions, unfinished)
        lost = _copy(stores.blobs, kept, names)
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
    """What a snapshot holds; raises `NotFound` where it is none."""
    try:
        return Manifest(**json.loads((snapshot / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise NotFound(f"{snapshot.name!r} is no snapshot of a backup.") from error


def latest_snapshot(folder: Path) -> Path:
    """The newest snapshot of a backup folder; raises `NotFound`."""
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
        rows = _tables(connection, folder)
        return rows, sorted(set(all_blobs_in_use(session))), revision_of(connection)


def _tables(connection: Connection, folder: Path) -> dict[str, int]:
    return {
        table.name: write_rows(connection, table, folder / f"{table.name}.jsonl.gz")
        for table in Base.metadata.sorted_tables
        if table.name not in LEFT_OUT
    }


def _copy(blobs: BlobStore, kept: FolderBlobStore, names: Sequence[str]) -> list[str]:
    lost = []
    for name in names:
        if kept.has(name):
            continue
        try:
            kept.put(blobs.get(name))
        except NotFound:
            lost.append(name)
    return lost
