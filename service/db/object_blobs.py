"""Originals in an S3-compatible store, for workers on several machines."""

from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.db.blobs import BlobStore, FolderBlobStore, blob_path
from service.errors import InvalidValue, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Store


def open_blobs(location: str, folder: Path) -> BlobStore:
    """The store at `s3://bucket/prefix`, or the folder where `location` is empty.

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
        """Keep the bytes and give their sha256; again costs one request."""
        name = sha256(content).hexdigest()
        if not self.has(name):
            with _told(name):
                self._store.put(blob_path(name), content)
        return name

    def get(self, sha256: str) -> bytes:
        """The bytes; raises `NotFound`."""
        with _told(sha256):
            return bytes(self._store.get(blob_path(sha256)).bytes())

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
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
        """The sha256 of every blob, in no order."""
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
