"""The commands that keep a lab's data: backup, restore, check."""
# ruff: noqa: PLC0415 - `flakescope --help` must not wait for SQLAlchemy

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.commands import DatabaseUrl, DataDir
from service.errors import FlakescopeError
from service.processes.setup import Unusable

if TYPE_CHECKING:
    from service.scans.tiles import Stores

BackupFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the backup.")]


def backup(
    folder: BackupFolder,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read again what the folder has.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a snapshot of all rows and images to a folder; the service may go on meanwhile.

    Images that the folder has already are compared with their digests, and copied again where they
    are damaged. What is lost is listed, and the command then ends with 1.
    """
    from service.backup.backup import back_up, read_manifest
    from service.processes.setup import open_stores
    from service.settings import read_settings

    with open_stores(read_settings(data_dir=data_dir, database_url=database_url)) as stores:
        try:
            snapshot = back_up(stores, folder, quick=quick)
        except OSError as error:
            # It can be called again: what is copied stays, the snapshot was not there yet.
            raise Unusable(f"{folder} cannot be written: {error.strerror}.") from error
        manifest = read_manifest(snapshot)
        typer.echo(f"{snapshot}: {sum(manifest.rows.values())} rows, {manifest.blobs} images.")
        _tell_lost(stores, manifest.lost)


def restore(
    folder: BackupFolder, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Bring a backup (the newest snapshot, or the one that is named) into an empty database."""
    from service.backup.backup import latest_snapshot
    from service.backup.backup import restore as bring_back
    from service.processes.setup import migrate_database, open_stores
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    is_one = (folder / "manifest.json").is_file()
    snapshot = folder if is_one else latest_snapshot(folder)
    migrate_database(settings)
    with open_stores(settings) as stores:
        manifest = bring_back(stores, snapshot)
        images = manifest.blobs - len(manifest.lost)
        typer.echo(f"Restored {sum(manifest.rows.values())} rows and {images} images.")
        _tell_lost(stores, manifest.lost)


def _tell_lost(stores: "Stores", names: list[str]) -> None:
    from service.backup.check import users_of

    users = users_of(stores.sessions, names)
    for name in names:
        typer.echo(f"lost: {name}, {users.get(name, 'of no tile')}")
    if names:
        raise FlakescopeError(
            f"{len(names)} images are lost or damaged; all else is there. Sent again, they are "
            "healed."
        )


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every image again.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Find what does not agree: lost and superfluous images, tiles that wait for nobody.

    Ends with 1 where something is left that does not agree.
    """
    from service.backup.check import check as look
    from service.backup.check import users_of
    from service.jobs.client import JobQueue
    from service.processes.setup import open_stores
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    queue = JobQueue(settings.url)
    left = 0
    with open_stores(settings) as stores, closing(queue):
        for finding in look(stores, queue, deep=deep):
            typer.echo(f"{finding.what}: {', '.join(finding.examples)}")
            for user in users_of(stores.sessions, finding.examples).values():
                typer.echo(f"  {user}")
            if repair and finding.repair is not None:
                finding.repair()
                typer.echo("  mended")
            else:
                left += 1
    if not left:
        typer.echo("All rows and images agree.")
    raise typer.Exit(1 if left else 0)
