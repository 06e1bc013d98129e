"""Whole scans come in: as an archive, or as a folder that the service can read itself."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from service.api.archive_form import ArchiveForm
from service.api.parts import Parts, PartsDep
from service.api.schemas.scan import ArchiveFields, Import, Scan
from service.api.tiles import base_name
from service.scans import runs, scans
from service.scans.archives import check_archive
from service.scans.intake import allowed_folder

router = APIRouter(prefix="/v1/scans", tags=["scans"])

ARCHIVE = "archive"
UPLOAD_PATH = "/v1/scans/upload"

# FastAPI cannot describe a body that it does not parse.
_BODY = ArchiveFields.model_json_schema()
_BODY["properties"] |= {ARCHIVE: {"type": "string", "format": "binary"}}
_BODY["required"] = [ARCHIVE]
_MULTIPART = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _BODY}}}
}


@router.post("/upload", status_code=202, openapi_extra=_MULTIPART)
async def upload_scan(request: Request, parts: PartsDep) -> Scan:
    """Bring in a zip of a scan folder: `archive`, and the fields of a new scan.

    The answer comes when the archive is there and was looked at; unpacking, reading and screening
    follow in the background. The same archive again goes on with the same scan, and screens what
    is missing.
    """
    path = parts.intake.new_archive()
    try:
        form = await _receive(request, path)
        fields = _fields(form.fields)
        archive = Archive(path, form.filename or "", form.digest)
        return await run_in_threadpool(bring_in, parts, archive, fields)
    except BaseException:  # also where the client went away: the space is given back
        parts.intake.discard(path)
        raise


@router.post("/import", status_code=202)
def import_scan(new: Import, parts: PartsDep) -> Scan:
    """Bring in a folder that the service can read itself, below one of its import roots.

    The same folder again goes on with the same scan, and screens what is missing.
    """
    folder = allowed_folder(new.folder, parts.import_roots)
    fields = new.model_dump(exclude={"folder", "again"})
    fields |= {"name": new.name or folder.name or "scan", "source": f"folder {folder}"}
    scan = runs.bring_in(
        parts.stores.sessions, parts.queue, scans.NewScan(**fields), str(folder), again=new.again
    )
    return Scan.model_validate(scan)


async def _receive(request: Request, path: Path) -> ArchiveForm:
    form = ArchiveForm(request.headers.get("content-type", ""), path, ARCHIVE)
    try:
        async for piece in request.stream():
            await run_in_threadpool(form.feed, piece)
        form.finish()
    finally:
        form.close()
    return form


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is there as a whole: its place, what its sender calls it, its sha256."""

    path: Path
    filename: str
    digest: str


def bring_in(parts: Parts, archive: Archive, fields: ArchiveFields) -> Scan:
    """The scan that an archive becomes; raises what is wrong with the archive or the fields."""
    filename = base_name(archive.filename) or "scan.zip"
    path = archive.path
    check_archive(path, parts.intake.limits, shutil.disk_usage(path.parent).free)
    new = fields.model_dump(include=set(ArchiveFields.model_fields) - {"again"}) | {
        "name": fields.name or Path(filename).stem,
        "source": f"archive {archive.digest}",
    }
    scan = runs.bring_in(
        parts.stores.sessions, parts.queue, scans.NewScan(**new), str(path), again=fields.again
    )
    return Scan.model_validate(scan)


def _fields(texts: Mapping[str, str]) -> ArchiveFields:
    given: dict[str, Any] = dict(texts)
    if "affine" in given:
        given["affine"] = re.split(r"[\s,]+", given["affine"].strip("[] "))
    try:
        return ArchiveFields.model_validate(given)
    except ValidationError as error:
        found = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error
