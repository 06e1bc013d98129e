"""Take archives piece by piece, over any number of connections and restarts."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from service.errors import Conflict, InvalidValue, NotFound, StorageFull, TooLarge
from service.intake.archives import RESERVE_BYTES
from service.intake.folder import Intake
from service.intake.schemas import NewUpload, Upload
from service.scans.schemas import ArchiveFields

# 64 bits beyond what anybody guesses, in the form that `uuid4().hex` has.
_ID = re.compile(r"[0-9a-f]{32}")

PART, NOTE = ".part", ".json"


def open_upload(intake: Intake, new: NewUpload) -> tuple[Upload, bool]:
    """Open the upload that waits for its bytes, and tell whether it is new.

    Raises
    ------
    InvalidValue
        It has no size.
    TooLarge
        It is over the limit.
    StorageFull
        The disk has no room for it.
    """
    if new.size_bytes < 1:
        raise InvalidValue(f"size_bytes is {new.size_bytes}: an archive has at least one byte.")
    if new.size_bytes > intake.max_archive_bytes:
        raise TooLarge(
            f"The archive has {new.size_bytes} bytes; {intake.max_archive_bytes} are allowed."
        )
    name = _id_of(new)
    try:
        upload, is_new = look_at_upload(intake, name), False
    except NotFound:
        intake.folder.mkdir(parents=True, exist_ok=True)
        _check_room(intake, new.size_bytes)
        is_new = True
    if is_new or not upload.is_tried:
        # What is said of the scan now is what counts.
        said = new.model_dump(include=set(NewUpload.model_fields) - set(ArchiveFields.model_fields))
        fields = new.model_dump(include=set(ArchiveFields.model_fields), exclude_unset=True)
        _write_note(intake, name, said | {"fields": fields, "scan_id": None, "is_tried": False})
    if is_new:
        _path(intake, name, PART).touch()
    return look_at_upload(intake, name), is_new


def look_at_upload(intake: Intake, upload_id: str) -> Upload:
    """Read an upload and its progress; raises `NotFound`."""
    try:
        note = json.loads(_path(intake, upload_id, NOTE).read_text("utf-8"))
        archive = archive_of(intake, upload_id)
        part = _path(intake, upload_id, PART)
        whole = note["scan_id"] is not None or archive.exists()
        received = note["size_bytes"] if whole else part.stat().st_size
    except FileNotFoundError as error:
        raise _not_there(upload_id) from error
    return Upload(
        id=upload_id,
        filename=note["filename"],
        size_bytes=note["size_bytes"],
        fields=note["fields"],
        received_bytes=received,
        chunk_bytes=intake.chunk_bytes,
        is_tried=note["is_tried"],
        scan_id=note["scan_id"],
    )


class Piece:
    """Takes bytes at the end of an upload; what came before a break stays."""

    def __init__(self, file: IO[bytes], left_bytes: int, size_bytes: int) -> None:
        self._file = file
        self._left_bytes = left_bytes
        self._size_bytes = size_bytes

    def write(self, content: bytes) -> None:
        """Take some bytes; raises `TooLarge` behind the end that was announced."""
        self._left_bytes -= len(content)
        if self._left_bytes < 0:
            raise TooLarge(f"The upload was announced with {self._size_bytes} bytes; more came.")
        self._file.write(content)


@contextmanager
def receiving(intake: Intake, upload_id: str, offset: int) -> Iterator[Piece]:
    """Open an upload to receive its bytes from `offset` on.

    Raises
    ------
    NotFound
        No such upload.
    Conflict
        It is somewhere else; the message says where.
    """
    upload = look_at_upload(intake, upload_id)
    if offset != upload.received_bytes:
        raise Conflict(
            f"The upload has {upload.received_bytes} bytes: go on from there, not from {offset}."
        )
    left_bytes = upload.size_bytes - upload.received_bytes
    _check_room(intake, left_bytes)
    try:
        with _path(intake, upload_id, PART).open("r+b") as file:
            file.seek(offset)
            yield Piece(file, left_bytes, upload.size_bytes)
    except FileNotFoundError as error:
        raise _not_there(upload_id) from error


def close_upload(intake: Intake, upload_id: str) -> tuple[Path, str]:
    """Close an upload: put the whole archive in its place, and return it and its sha256.

    Raises
    ------
    NotFound
        No such upload.
    Conflict
        Bytes are missing.
    """
    upload = look_at_upload(intake, upload_id)
    archive = archive_of(intake, upload_id)
    if upload.received_bytes < upload.size_bytes:
        raise Conflict(
            f"The upload has {upload.received_bytes} of {upload.size_bytes} bytes: send the rest."
        )
    if not archive.exists():
        _path(intake, upload_id, PART).replace(archive)
    with archive.open("rb") as file:
        return archive, file_digest(file, "sha256").hexdigest()


def note_upload(
    intake: Intake, upload_id: str, *, is_tried: bool = True, scan_id: int | None = None
) -> None:
    """Keep that an upload may have become a scan, or which one, for who asks again."""
    note = json.loads(_path(intake, upload_id, NOTE).read_text("utf-8"))
    _write_note(intake, upload_id, note | {"is_tried": is_tried, "scan_id": scan_id})


def discard_upload(intake: Intake, upload_id: str) -> None:
    """Give back the space of an upload, unless it has become a scan; raises `NotFound`."""
    upload = look_at_upload(intake, upload_id)
    if upload.scan_id is None:
        intake.discard(archive_of(intake, upload_id))
    for suffix in (PART, NOTE):
        _path(intake, upload_id, suffix).unlink(missing_ok=True)


def archive_of(intake: Intake, upload_id: str) -> Path:
    """Name the path where the archive of an upload waits once it is whole."""
    return _path(intake, upload_id, intake.suffix)


def _id_of(new: NewUpload) -> str:
    if new.key is None:
        return uuid4().hex
    return sha256(f"{new.size_bytes} {new.key}".encode()).hexdigest()[:32]


def _path(intake: Intake, upload_id: str, suffix: str) -> Path:
    if not _ID.fullmatch(upload_id):
        raise _not_there(upload_id)
    return intake.folder / f"{upload_id}{suffix}"


def _write_note(intake: Intake, upload_id: str, note: Mapping[str, Any]) -> None:
    path = _path(intake, upload_id, NOTE)
    # Whole or not at all, whenever the process ends.
    temporary = path.with_suffix(f".{uuid4().hex}.tmp")
    try:
        temporary.write_text(json.dumps(note), "utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _check_room(intake: Intake, size_bytes: int) -> None:
    free_bytes = max(0, shutil.disk_usage(intake.folder).free - RESERVE_BYTES)
    if size_bytes > free_bytes:
        raise StorageFull(
            f"{size_bytes} bytes are to come; the service's disk has room for {free_bytes}."
        )


def _not_there(upload_id: str) -> NotFound:
    return NotFound(f"There is no upload {upload_id[:40]!r}: it ended, or was given up.")
