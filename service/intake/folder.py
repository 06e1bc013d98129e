"""Bring in a run: unpack its archive or open its folder, and queue its tiles."""

import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from service.db.tables import Scan
from service.errors import FlakescopeError, InvalidValue
from service.intake.archives import ArchiveLimits, unpack
from service.intake.take_in import Reader, queue_folder
from service.scans.outage import is_outage
from service.scans.queue import Queue, Run
from service.scans.runs import finish
from service.scans.tiles import Stores

# Longer than any archive takes to come or any run to unpack it; then nobody will ask for it.
_FORGOTTEN_S = 7 * 24 * 3600

# Of an upload that comes in pieces: so much is sent again at most, when a connection breaks.
CHUNK_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Intake:
    """The folder in which archives wait, how large they may be, and what they may hold.

    Attributes
    ----------
    roots : tuple of Path or None
        Below which folders of the lab may be imported; None = wherever they are.
    """

    folder: Path
    max_archive_bytes: int
    limits: ArchiveLimits
    chunk_bytes: int = CHUNK_BYTES
    roots: tuple[Path, ...] | None = None
    suffix: ClassVar[str] = ".zip"

    def new_archive(self) -> Path:
        """Choose the path to which an archive that comes now is to be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{uuid4().hex}{self.suffix}"

    def owns(self, path: Path) -> bool:
        """Tell whether a path is an archive here, and not a folder of the lab."""
        return path.parent == self.folder and path.suffix == self.suffix

    def look_at_folder(self, path: Path) -> Path:
        """A folder of the lab, if it is where it was allowed; raises `InvalidValue`."""
        if self.roots is None:
            return path
        folder = allowed_folder(str(path), self.roots)
        if folder != path:
            raise InvalidValue(f"{path.name!r} is another folder than was asked for: it is a link.")
        return folder

    def discard(self, archive: Path) -> None:
        """Give back the disk space of an archive and of what was unpacked; folders stay."""
        if not self.owns(archive):
            return
        shutil.rmtree(self.unpacked(archive), ignore_errors=True)
        archive.unlink(missing_ok=True)

    def unpacked(self, archive: Path) -> Path:
        """Name the folder into which an archive is unpacked."""
        return archive.with_suffix("")

    def discard_forgotten(self, wanted: Collection[Path] = ()) -> None:
        """Give back the space of what a process left that died for good; `wanted` stays."""
        for path in self.folder.glob("*.*"):
            if path in wanted or path.stat().st_mtime > time.time() - _FORGOTTEN_S:
                continue
            self.discard(path)
            # Uploads that nobody went on with.
            path.unlink(missing_ok=True)


def allowed_folder(folder: str, roots: Sequence[Path]) -> Path:
    """Resolve the folder, without links and dots; raises `InvalidValue` unless below a root."""
    if not roots:
        raise InvalidValue(
            "No folder may be imported: name those that may in FLAKESCOPE_IMPORT_ROOTS."
        )
    try:
        path = Path(folder).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        # The same words as for a folder outside: nobody learns what else is on the disk.
        raise _not_allowed(folder, roots) from error
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise _not_allowed(folder, roots)
    if not path.is_dir():
        raise InvalidValue(f"{folder!r} is no folder.")
    return path


def bring_in(
    stores: Stores,
    queue: Queue,
    run: Run,
    reader: Reader,
    intake: Intake,
) -> int | None:
    """Queue a run's folder or archive and count its chunks; None where the run has failed by it.

    A folder of the lab has to lie below a root still: since it was asked for, another may have
    taken its place, or a link.
    """
    path = Path(run.path or "")
    with stores.sessions() as session:
        scan = session.get(Scan, run.scan_id)
        if scan is not None and scan.run == run.number and 0 < scan.taken == scan.tiles_expected:
            # The process ended between the last chunk and the engine's note of it.
            intake.discard(path)
            return scan.chunks
    if not intake.owns(path):
        try:
            path = intake.look_at_folder(path)
        except InvalidValue as error:
            finish(stores.sessions, run, str(error))
            return None
        return _bring_in_folder(stores, queue, run, path, reader)
    try:
        unpack(path, intake.unpacked(path), intake.limits)
        chunks = _bring_in_folder(stores, queue, run, intake.unpacked(path), reader)
    except FileNotFoundError:
        # A cancel discarded it.
        finish(stores.sessions, run, "Its archive is gone: send it again.")
        chunks = None
    except FlakescopeError as error:
        if is_outage(error):
            raise  # the run goes on afterwards: it keeps its archive, and what is unpacked
        finish(stores.sessions, run, str(error))
        chunks = None
    intake.discard(path)
    return chunks


def _bring_in_folder(
    stores: Stores, queue: Queue, run: Run, folder: Path, reader: Reader
) -> int | None:
    try:
        return queue_folder(stores, queue, run, folder, reader)
    except FlakescopeError as error:
        if is_outage(error):
            raise
        finish(stores.sessions, run, str(error))
        return None


def _not_allowed(folder: str, roots: Sequence[Path]) -> InvalidValue:
    listed = ", ".join(map(str, roots))
    return InvalidValue(f"{folder[:200]!r} is no folder below {listed}: only those are imported.")
