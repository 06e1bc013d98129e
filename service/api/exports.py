"""Exports: flakes of a scan in the formats of other programs."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from starlette.responses import StreamingResponse

from service.db.base import utc_now
from service.db.queries.flakes import FlakeFilter
from service.exports.archive import export_archive
from service.exports.exporting import Export, ExportOptions, export, source_of
from service.exports.formats import ARCHIVE, FORMATS
from service.exports.schemas import ExportFormat, ExportQuery
from service.exports.select import Selection
from service.exports.writers.gds import Mark
from service.exports.writers.positions import Stages
from service.http.parts import StoresDep
from service.schemas import Id

router = APIRouter(prefix="/v1/scans", tags=["exports"])

ExportQueryDep = Annotated[ExportQuery, Query()]

# Remarks on the file, as flakes that have no place or how well marks fit; one line of ASCII.
NOTES_HEADER = "Flakescope-Notes"

_SELECTING = {"graphene", "min_area_um2", "max_area_um2", "min_p", "layers", "reviewed"}
_OPTIONS = {"version", "xy_stage", "z_stage", "as", "masks", "mark", "mirrored"}
_MEDIA_TYPES = sorted({form.media_type.partition(";")[0] for form in FORMATS.values()})
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, under the name that Content-Disposition states.",
        "content": {kind: {} for kind in [*_MEDIA_TYPES, "application/yaml", "application/zip"]},
    }
}


@router.get("/{scan_id}/export/{format}", response_class=StreamingResponse, responses=_FILE)
def export_scan(
    scan_id: Id,
    format: ExportFormat,
    stores: StoresDep,
    asked: ExportQueryDep,
) -> StreamingResponse:
    """Flakes of a scan as a file for another program.

    pos, useq, nis, geojson and gds need stage coordinates: 409 says what is missing.
    """
    _check_options(format, asked)
    wanted = asked.model_dump(include=_SELECTING) | {"layers": tuple(asked.layers)}
    chosen = Selection(
        which=FlakeFilter(scan_id=scan_id, **wanted), sort=asked.sort, everything=asked.everything
    )
    source = source_of(stores, chosen, _options(asked), utc_now())
    return _answer(export_archive(source) if format == ARCHIVE else export(source, format))


def _answer(made: Export) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    if made.notes:
        headers[NOTES_HEADER] = " ".join(made.notes).encode("ascii", "replace").decode()
    return StreamingResponse(made.pieces, media_type=made.media_type, headers=headers)


def _options(asked: ExportQuery) -> ExportOptions:
    return ExportOptions(
        version=asked.version,
        encoding=asked.encoding,
        masks=asked.masks,
        stages=Stages(asked.xy_stage, asked.z_stage),
        marks=tuple(_mark(text) for text in asked.mark),
        mirrored=asked.mirrored,
    )


def _mark(text: str) -> Mark:
    try:
        x, y, design_x, design_y = (float(part) for part in re.split(r"[,;]", text))
    except ValueError as error:
        raise _invalid("mark", "should be four numbers x,y,X,Y", text) from error
    return Mark((x, y), (design_x, design_y))


def _check_options(name: str, asked: ExportQuery) -> None:
    if name == ARCHIVE:
        return
    fields = type(asked).model_fields
    given = {fields[field].alias or field for field in asked.model_fields_set} & _OPTIONS
    for option in sorted(given - FORMATS[name].options):
        raise _invalid(option, f"is no option of {name}", None)
    if asked.graphene is not None and asked.everything:
        raise _invalid("everything", "contradicts graphene: leave one of them out", None)


def _invalid(field: str, reason: str, given: str | None) -> RequestValidationError:
    return RequestValidationError(
        [{"type": "value_error", "loc": ("query", field), "msg": reason, "input": given}]
    )
