"""Routes of trainings and data sets."""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response, StreamingResponse

from service.api.intake import ARCHIVE
from service.api.scans import base_name
from service.checks import found
from service.db.base import utc_now
from service.db.engine import Sessions
from service.http.form import ArchiveForm
from service.http.parts import Parts, PartsDep, SessionsDep, StoresDep
from service.http.roles import ADMIN, CallerDep
from service.intake.archives import check_archive
from service.jobs.workers import look_for_workers
from service.schemas import Id
from service.training import datasets, trainings
from service.training.counting import count_alone
from service.training.labelled import export_labelled
from service.training.schemas import (
    Dataset,
    DatasetFields,
    Datasets,
    NewTraining,
    Training,
    Trainings,
)

router = APIRouter(prefix="/v1/trainings", tags=["trainings"])

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report, one HTML file", "content": {"text/html": {}}}
}


@router.post("", status_code=202, dependencies=[ADMIN])
def start_training(new: NewTraining, parts: PartsDep, caller: CallerDep) -> Training:
    """Train a network from the lab's reviews and data sets; it waits for those before it.

    What comes out is registered, not promoted.
    """
    sessions = parts.stores.sessions
    started = trainings.start_training(sessions, parts.queue, new, caller.name)
    return _seen(sessions, started)


@router.get("")
def list_trainings(
    sessions: SessionsDep,
    limit: Annotated[int, Query(ge=1, le=trainings.MOST_LISTED)] = 50,
) -> Trainings:
    """List the latest trainings, newest first."""
    return Trainings(items=_all_seen(sessions, trainings.list_trainings(sessions, limit)))


@router.get("/{training_id}")
def get_training(training_id: Id, sessions: SessionsDep) -> Training:
    """Get the progress of a training, or its result."""
    return _seen(sessions, trainings.get_training(sessions, training_id))


@router.post("/{training_id}/cancel", dependencies=[ADMIN])
def cancel_training(training_id: Id, sessions: SessionsDep) -> Training:
    """Stop a training; its process ends within seconds, and nothing of it is kept."""
    return _seen(sessions, trainings.cancel_training(sessions, training_id))


@router.get("/{training_id}/report", response_class=Response, responses=_PAGE)
def get_report(training_id: Id, stores: StoresDep) -> Response:
    """Get figures, plots, and every flake that was missed: one HTML file, to be saved."""
    name = found(
        trainings.report_of(stores.sessions, training_id), f"report of training {training_id} yet"
    )
    headers = {"Content-Disposition": f'attachment; filename="training-{training_id}.html"'}
    return Response(stores.blobs.get(name), media_type="text/html", headers=headers)


def _seen(sessions: Sessions, training: Training) -> Training:
    (seen,) = _all_seen(sessions, [training])
    return seen


def _all_seen(sessions: Sessions, some: list[Training]) -> list[Training]:
    """Say of trainings whether a trainer lives that could take them."""
    with sessions() as session:
        alive = look_for_workers(session, trainers=True).alive > 0
    return [one.model_copy(update={"trainer_alive": alive}) for one in some]


DATASETS_PATH = "/v1/datasets"
# The archive, and the fields beside it.
MOST_BODY_BYTES = datasets.MOST_BYTES + 2**20

datasets_router = APIRouter(prefix=DATASETS_PATH, tags=["trainings"])

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


@datasets_router.post("", status_code=201, dependencies=[ADMIN], openapi_extra=_MULTIPART)
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


@datasets_router.get("")
def list_datasets(sessions: SessionsDep) -> Datasets:
    """List every data set, newest first."""
    return Datasets(items=datasets.list_datasets(sessions))


@datasets_router.get("/export", response_class=StreamingResponse, responses=_ZIP)
def export_labelled_data(stores: StoresDep) -> StreamingResponse:
    """Export every flake that people of the lab are sure of, as COCO with its tiles, in a zip."""
    made = export_labelled(stores, utc_now())
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    return StreamingResponse(made.pieces, media_type=made.media_type, headers=headers)


@datasets_router.delete("/{dataset_id}", status_code=204, dependencies=[ADMIN])
def delete_dataset(dataset_id: Id, stores: StoresDep) -> None:
    """Remove a data set that no training waits for; what was learned from it stays."""
    datasets.delete_dataset(stores, dataset_id)


def _add(parts: Parts, path: Path, new: datasets.NewDataset, who: str) -> Dataset:
    check_archive(path, parts.intake.limits, shutil.disk_usage(path.parent).free)
    return datasets.add_dataset(
        parts.stores, path, new, who, counting=partial(count_alone, parts.counting)
    )


def _fields(texts: Mapping[str, str]) -> DatasetFields:
    try:
        return DatasetFields.model_validate(texts)
    except ValidationError as error:
        found = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error
