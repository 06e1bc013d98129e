"""Routes by which whole scans come in: archives, piece by piece too, and folders of the server."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from service.api.scans import base_name
from service.checks import check_same_settings
from service.errors import Conflict, FlakescopeError, NotFound
from service.http.form import ArchiveForm
from service.http.parts import Parts, PartsDep
from service.intake import uploads
from service.intake.archives import check_archive
from service.intake.folder import allowed_folder
from service.intake.schemas import NewUpload, Upload
from service.scans import runs, scans
from service.scans.schemas import ArchiveFields, Import, NewScan, Scan

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
    given = new.model_fields_set & NewScan.model_fields.keys()
    sessions = parts.stores.sessions
    return runs.bring_in(
        sessions, parts.queue, NewScan(**fields), str(folder), again=new.again, given=given
    )


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
    """Turn an archive into a scan; raises what is wrong with the archive or the fields."""
    filename = base_name(archive.filename) or "scan.zip"
    path = archive.path
    check_archive(path, parts.intake.limits, shutil.disk_usage(path.parent).free)
    new = fields.model_dump(include=set(ArchiveFields.model_fields) - {"again"}) | {
        "name": fields.name or Path(filename).stem,
        "source": f"archive {archive.digest}",
    }
    given = fields.model_fields_set & NewScan.model_fields.keys()
    sessions = parts.stores.sessions
    return runs.bring_in(
        sessions, parts.queue, NewScan(**new), str(path), again=fields.again, given=given
    )


def _fields(texts: Mapping[str, str]) -> ArchiveFields:
    given: dict[str, Any] = dict(texts)
    if "affine" in given:
        given["affine"] = re.split(r"[\s,]+", given["affine"].strip("[] "))
    try:
        return ArchiveFields.model_validate(given)
    except ValidationError as error:
        found = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error


UPLOADS_PATH = "/v1/scans/uploads"

uploads_router = APIRouter(prefix=UPLOADS_PATH, tags=["scans"])

# FastAPI cannot describe a body that it does not parse.
_BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@uploads_router.post(
    "", status_code=201, responses={200: {"model": Upload, "description": "Goes on."}}
)
def open_upload(new: NewUpload, parts: PartsDep, response: Response) -> Upload:
    """Announce a zip of a scan folder that comes in pieces, and the fields of its scan.

    With the same `key` again the answer is 200 and the upload as far as it came. Uploads that
    nobody goes on with are given up after a week.
    """
    upload, is_new = uploads.open_upload(parts.intake, new)
    if upload.scan_id is not None and not _goes_on(parts, upload.scan_id, new):
        uploads.discard_upload(parts.intake, upload.id)
        upload, is_new = uploads.open_upload(parts.intake, new)
    response.status_code = 201 if is_new else 200
    return upload


def _goes_on(parts: Parts, scan_id: int, new: NewUpload) -> bool:
    """Tell whether a scan has all of its archive, so that nothing has to be sent again."""
    try:
        scan = scans.get_scan(parts.stores.sessions, scan_id)
    except NotFound:
        return False
    if new.again or scan.state not in {"queued", "screening", "done"}:
        return False
    given = new.model_dump(include=set(NewScan.model_fields), exclude_unset=True)
    check_same_settings(scan_id, scan.model_dump(), given)
    return True


@uploads_router.get("/{upload_id}")
def get_upload(upload_id: str, parts: PartsDep) -> Upload:
    """Get the progress of an upload."""
    return uploads.look_at_upload(parts.intake, upload_id)


@uploads_router.put("/{upload_id}", openapi_extra=_BYTES)
async def add_piece(
    upload_id: str,
    offset: Annotated[int, Query(ge=0, description="`received_bytes` of the upload.")],
    request: Request,
    parts: PartsDep,
) -> Upload:
    """Add the next piece, the bytes of the body, behind those that came.

    Any other `offset` is answered 409 and says where to go on. Where the connection breaks, what
    came of the piece stays.
    """
    receiving = uploads.receiving(parts.intake, upload_id, offset)
    piece = await run_in_threadpool(receiving.__enter__)
    try:
        async for content in request.stream():
            await run_in_threadpool(piece.write, content)
    finally:
        await run_in_threadpool(receiving.__exit__, None, None, None)
    return await run_in_threadpool(uploads.look_at_upload, parts.intake, upload_id)


@uploads_router.post("/{upload_id}/complete", status_code=202)
def complete_upload(upload_id: str, parts: PartsDep) -> Scan:
    """Make a whole upload a scan, as `POST /v1/scans/upload` does; again gives the same scan.

    An archive that is refused is deleted with its upload.
    """
    upload = uploads.look_at_upload(parts.intake, upload_id)
    if upload.scan_id is not None:
        return scans.get_scan(parts.stores.sessions, upload.scan_id)
    path, digest = uploads.close_upload(parts.intake, upload_id)
    uploads.note_upload(parts.intake, upload_id)
    scan = _become_scan(parts, upload, Archive(path, upload.filename, digest))
    uploads.note_upload(parts.intake, upload_id, scan_id=scan.id)
    return scan


@uploads_router.delete("/{upload_id}", status_code=204)
def discard_upload(upload_id: str, parts: PartsDep) -> None:
    """Give an upload up; a scan that it has become stays."""
    uploads.discard_upload(parts.intake, upload_id)


def _become_scan(parts: Parts, upload: Upload, archive: Archive) -> Scan:
    try:
        return bring_in(parts, archive, ArchiveFields.model_validate(upload.fields))
    except Conflict:
        if not upload.is_tried:
            uploads.discard_upload(parts.intake, upload.id)
            raise
        # By this very upload, whose answer was lost.
        source = f"archive {archive.digest}"
        return scans.list_scans(parts.stores.sessions, limit=1, source=source).items[0]
    except FlakescopeError:
        uploads.discard_upload(parts.intake, upload.id)
        raise
