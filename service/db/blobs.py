"""Store originals byte for byte, named by their sha256, in a folder or an S3-compatible store."""

import errno
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from service.errors import Damaged, InvalidValue, NotFound, StorageFull, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Store


log = logging.getLogger(__name__)

# The disk is full, or what this user may have of it.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

# Read at once where a whole file may be large.
_PIECE_BYTES = 2**20

_NAME = re.compile(r"[0-9a-f]{64}")


class BlobStore(Protocol):
    """Keeps bytes for good under the name of their digest."""

    def put(self, content: bytes) -> str:
        """Keep the bytes and give their sha256; again is no error and costs little."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes, as they were put; raises `NotFound`, or `Damaged` where they are others."""
        ...

    def has(self, sha256: str) -> bool:
        """Tell whether the bytes are there."""
        ...

    def delete(self, sha256: str) -> None:
        """Forget the bytes; no error where there are none."""
        ...

    def names(self) -> Iterator[str]:
        """List the sha256 of every blob, in no order."""
        ...


class FolderBlobStore:
    """Blobs as files `ab/cd/abcd...` of a folder: a folder of 100,000 files is slow to list.

    A file is there whole or not at all: it is written beside its place, brought to the disk, and
    renamed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep the bytes and give their sha256; again heals what was damaged meanwhile.

        Raises
        ------
        StorageFull
            Nothing was kept.
        """
        name = sha256(content).hexdigest()
        path = self._path(name)
        if not _holds(path, content):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, content)
            except OSError as error:
                if error.errno in NO_ROOM:
                    raise StorageFull("The disk of the images is full.") from error
                raise
        return name

    def get(self, sha256: str) -> bytes:
        """The bytes; raises `NotFound` or `Damaged`."""
        try:
            return checked(sha256, self._path(sha256).read_bytes())
        except FileNotFoundError as error:
            raise NotFound(f"The image {sha256[:12]}... is not in the blob store.") from error

    def has(self, sha256: str) -> bool:
        """Tell whether the bytes are there."""
        return self._path(sha256).is_file()

    def names(self) -> Iterator[str]:
        """List the sha256 of every blob, in no order."""
        for path in self._folder.glob("??/??/*"):
            if _NAME.fullmatch(path.name):
                yield path.name

    def delete(self, sha256: str) -> None:
        """Forget the bytes; no error where there are none."""
        try:
            self._path(sha256).unlink(missing_ok=True)
        except PermissionError:
            # Windows, while another reads the file. Nothing refers to it: only space is lost.
            log.warning("Blob %s is in use and stays.", sha256)

    def _path(self, name: str) -> Path:
        return self._folder / blob_path(name)


def checked(name: str, content: bytes) -> bytes:
    """The bytes of a blob, unless they are others than its name says; raises `Damaged`."""
    if sha256(content).hexdigest() != name:
        raise Damaged(
            f"The image {name[:12]}... is damaged in the store: send it again, or restore a backup."
        )
    return content


def is_sound(blobs: BlobStore, name: str) -> bool:
    """Tell whether a blob is there and is what was put."""
    try:
        blobs.get(name)
    except NotFound:
        return False
    return True


def _holds(path: Path, content: bytes) -> bool:
    """Tell whether a file is there and has these bytes: a disk that lied left others or none."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != len(content):
                return False
            view = memoryview(content)
            starts = range(0, len(content), _PIECE_BYTES)
            return all(file.read(_PIECE_BYTES) == view[n : n + _PIECE_BYTES] for n in starts)
    except FileNotFoundError:
        return False


def blob_path(sha256: str) -> str:
    """Locate a blob in its store, `ab/cd/abcd...`; raises `NotFound`."""
    # Names come from the database, but a path must never come from anywhere.
    if not _NAME.fullmatch(sha256):
        raise NotFound(f"{sha256[:64]!r} is no name of a blob.")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _write(path: Path, content: bytes) -> None:
    # In the same folder: a rename across file systems would be a copy.
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        # Windows refuses while another reads the file; then it is there, with the same bytes.
        if not path.is_file():
            raise


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk too; Windows has no way to, and does it itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_blobs(location: str, folder: Path) -> BlobStore:
    """Open the store at `s3://bucket/prefix`, or the folder where `location` is empty.

    Keys, region and endpoint of an S3 store come from the usual `AWS_*` variables.

    Raises
    ------
    InvalidValue
        Not an s3:// address, or its library is not installed.
    """
    if not location:
        return FolderBlobStore(folder)
    address = urlsplit(location)
    if address.scheme != "s3" or not address.netloc:
        raise InvalidValue(f"The blob store {location!r} is not of the form s3://bucket/prefix.")
    try:
        from obstore.store import S3Store  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InvalidValue(f"{location}: pip install 'flakescope[s3]' first.") from error
    store = S3Store.from_url(
        location,
        # Within a lab's network the endpoint is often plain http.
        client_options={"allow_http": True},
        # A request waits no longer: the sender has its own patience and tries again.
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
    )
    return ObjectBlobStore(store)


class ObjectBlobStore:
    """Blobs as objects `ab/cd/abcd...`; the store itself makes each appear whole or not at all.

    Every call raises `Unavailable` where the store does not answer.
    """

    def __init__(self, store: "S3Store") -> None:
        self._store = store

    def put(self, content: bytes) -> str:
        """Keep the bytes and give their sha256; again heals what was damaged meanwhile."""
        name = sha256(content).hexdigest()
        if not is_sound(self, name):
            with _told(name):
                self._store.put(blob_path(name), content)
        return name

    def get(self, sha256: str) -> bytes:
        """The bytes; raises `NotFound` or `Damaged`."""
        with _told(sha256):
            content = bytes(self._store.get(blob_path(sha256)).bytes())
        return checked(sha256, content)

    def has(self, sha256: str) -> bool:
        """Tell whether the bytes are there."""
        try:
            with _told(sha256):
                self._store.head(blob_path(sha256))
        except NotFound:
            return False
        return True

    def delete(self, sha256: str) -> None:
        """Forget the bytes; no error where there are none."""
        # Some stores answer that there was nothing, others do not.
        with suppress(NotFound), _told(sha256):
            self._store.delete(blob_path(sha256))

    def names(self) -> "Iterator[str]":
        """List the sha256 of every blob, in no order."""
        with _told(""):
            for page in self._store.list():
                yield from (entry["path"].rsplit("/", 1)[-1] for entry in page)


@contextmanager
def _told(name: str) -> "Iterator[None]":
    from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"The image {name[:12]}... is not in the blob store.") from error
    except BaseError as error:
        # Its text holds addresses of the lab: it is for the log alone.
        raise Unavailable("The store of images does not answer.") from error
