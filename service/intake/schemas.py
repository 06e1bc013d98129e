"""Schemas of archives that come piece by piece."""

from typing import Any

from pydantic import Field

from service.scans.schemas import ArchiveFields
from service.schemas import Shown, example

UPLOAD: dict[str, Any] = {
    "id": "5f0a1c9be2a3470fb0d7f5a6c1e4d2b3",
    "filename": "chip 12.zip",
    "size_bytes": 734003200,
    "received_bytes": 16777216,
    "chunk_bytes": 8388608,
    "scan_id": None,
}


class NewUpload(ArchiveFields):
    """An archive that is to come, and what may be said about its scan."""

    model_config = example(
        {"filename": "chip 12.zip", "size_bytes": 734003200, "key": "lab-pc: chip 12.zip, 10:20"}
    )

    filename: str
    size_bytes: int
    key: str | None = Field(
        None,
        description="What the sender knows the file by, as its path, size and time. The same key "
        "again gives the upload that was begun, to go on with.",
    )


class Upload(Shown):
    """An archive that comes piece by piece, and how far it is."""

    model_config = example(UPLOAD)

    id: str
    filename: str
    size_bytes: int
    received_bytes: int = Field(description="Where the next piece begins.")
    chunk_bytes: int = Field(description="A good size of a piece.")
    scan_id: int | None = Field(description="The scan that it has become.")
    # What was said of the scan that it becomes: `ArchiveFields`.
    fields: dict[str, Any] = Field(default_factory=dict, exclude=True)
    # It was whole and was brought in; whether that came to its end is not known.
    is_tried: bool = Field(default=False, exclude=True)
