"""Archives come piece by piece: what a broken connection, or a restart, loses is one piece."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.api.intake import Archive, bring_in
from service.api.parts import Parts, PartsDep
from service.api.schemas.scan import ArchiveFields, Scan
from service.api.schemas.upload import NewUpload, Upload
from service.errors import Conflict, FlakescopeError, NotFound
from service.scans import scans, uploads

router = APIRouter(prefix="/v1/scans/uploads", tags=["scans"])

# FastAPI cannot describe a body that it does not parse.
_BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", status_code=201, responses={200: {"model": Upload, "description": "Goes on."}})
def open_upload(new: NewUpload, parts: PartsDep, response: Response) -> Upload:
    """Announce a zip of a scan folder that comes in pieces, and the fields of its scan.

    With the same `key` again the answer is 200 and the upload as far as it came. Uploads that
    nobody goes on with are given up after a week.
    """
    fields = new.model_dump(include=set(ArchiveFields.model_fields))
    announced = uploads.NewUpload(new.filename, new.size_bytes, new.key, fields)
    upload, is_new = uploads.open_upload(parts.intake, announced)
    if upload.scan_id is not None and not _goes_on(parts, upload.scan_id, new):
        uploads.discard_upload(parts.intake, upload.id)
        upload, is_new = uploads.open_upload(parts.intake, announced)
    response.status_code = 201 if is_new else 200
    return Upload.model_validate(upload)


def _goes_on(parts: Parts, scan_id: int, new: NewUpload) -> bool:
    """Whether a scan has all of its archive, so that nothing has to be sent again."""
    try:
        state = scans.get_scan(parts.stores.sessions, scan_id).state
    except NotFound:
        return False
    return not new.again and state in {"queued", "screening", "done"}


@router.get("/{upload_id}")
def get_upload(upload_id: str, parts: PartsDep) -> Upload:
    """How far an upload is."""
    return Upload.model_validate(uploads.look_at_upload(parts.intake, upload_id))


@router.put("/{upload_id}", openapi_extra=_BYTES)
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
    upload = await run_in_threadpool(uploads.look_at_upload, parts.intake, upload_id)
    return Upload.model_validate(upload)


@router.post("/{upload_id}/complete", status_code=202)
def complete_upload(upload_id: str, parts: PartsDep) -> Scan:
    """Make a whole upload a scan, as `POST /v1/scans/upload` does; again gives the same scan.

    An archive that is refused is deleted with its upload.
    """
    upload = uploads.look_at_upload(parts.intake, upload_id)
    if upload.scan_id is not None:
        return Scan.model_validate(scans.get_scan(parts.stores.sessions, upload.scan_id))
    path, digest = uploads.close_upload(parts.intake, upload_id)
    uploads.note_upload(parts.intake, upload_id)
    scan = _become_scan(parts, upload, Archive(path, upload.filename, digest))
    uploads.note_upload(parts.intake, upload_id, scan_id=scan.id)
    return scan


@router.delete("/{upload_id}", status_code=204)
def discard_upload(upload_id: str, parts: PartsDep) -> None:
    """Give an upload up; a scan that it has become stays."""
    uploads.discard_upload(parts.intake, upload_id)


def _become_scan(parts: Parts, upload: uploads.UploadView, archive: Archive) -> Scan:
    try:
        return bring_in(parts, archive, ArchiveFields.model_validate(upload.fields))
    except Conflict:
        if not upload.is_tried:
            uploads.discard_upload(parts.intake, upload.id)
            raise
        # By this very upload, whose answer was lost.
        source = f"archive {archive.digest}"
        newest = scans.list_scans(parts.stores.sessions, limit=1, source=source).items[0]
        return Scan.model_validate(newest)
    except FlakescopeError:
        uploads.discard_upload(parts.intake, upload.id)
        raise
