"""Data sets: labelled pictures to train on, and what the lab has labelled itself."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import StreamingResponse

from service.api.access import ADMIN, CallerDep
from service.api.archive_form import ArchiveForm
from service.api.intake import ARCHIVE
from service.api.parts import Parts, PartsDep, SessionsDep, StoresDep
from service.api.schemas.base import Id
from service.api.schemas.dataset import Dataset, DatasetFields, Datasets
from service.api.tiles import base_name
from service.db.base import utc_now
from service.scans import datasets
from service.scans.archives import check_archive
from service.scans.dataset_export import export_labelled

PATH = "/v1/datasets"
# The archive, and the fields beside it.
MOST_BODY_BYTES = datasets.MOST_BYTES + 2**20

router = APIRouter(prefix=PATH, tags=["trainings"])

# FastAPI cannot describe a body that it does not parse.
_BODY = DatasetFields.model_json_schema()
_BODY["properties"] |= {ARCHIVE: {"type": "string", "format": "binary"}}
_BODY["required"] = [ARCHIVE]
_MULTIPART = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _BODY}}}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The zip", "content": {"application/zip": {}}}
}


@router.post("", status_code=201, dependencies=[ADMIN], openapi_extra=_MULTIPART)
async def add_dataset(request: Request, parts: PartsDep, caller: CallerDep) -> Dataset:
    """Keep a zip of labelled pictures: class folders, flat `*f.jpg`, or COCO with its images."""
    path = parts.intake.new_archive()
    try:
        form = ArchiveForm(request.headers.get("content-type", ""), path, ARCHIVE)
        try:
            async for piece in request.stream():
                await run_in_threadpool(form.feed, piece)
            form.finish()
        finally:
            form.close()
        fields = _fields(form.fields)
        filename = base_name(form.filename or "") or "dataset.zip"
        new = datasets.NewDataset(
            fields.name or Path(filename).stem, fields.group_by, fields.exhaustive
        )
        return await run_in_threadpool(_add, parts, path, new, caller.name)
    finally:
        parts.intake.discard(path)


@router.get("")
def list_datasets(sessions: SessionsDep) -> Datasets:
    """Every data set, newest first."""
    found = datasets.list_datasets(sessions)
    return Datasets(items=[Dataset.model_validate(one) for one in found])


@router.get("/export", response_class=StreamingResponse, responses=_ZIP)
def export_labelled_data(stores: StoresDep) -> StreamingResponse:
    """Every flake that people of the lab are sure of, as COCO with its tiles, in a zip."""
    made = export_labelled(stores, utc_now())
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    return StreamingResponse(made.pieces, media_type=made.media_type, headers=headers)


@router.delete("/{dataset_id}", status_code=204, dependencies=[ADMIN])
def delete_dataset(dataset_id: Id, stores: StoresDep) -> None:
    """Remove a data set that no training waits for; what was learned from it stays."""
    datasets.delete_dataset(stores, dataset_id)


def _add(parts: Parts, path: Path, new: datasets.NewDataset, who: str) -> Dataset:
    check_archive(path, parts.intake.limits, shutil.disk_usage(path.parent).free)
    return Dataset.model_validate(datasets.add_dataset(parts.stores, path, new, who))


def _fields(texts: Mapping[str, str]) -> DatasetFields:
    try:
        return DatasetFields.model_validate(texts)
    except ValidationError as error:
        found = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error
