"""The flat field of a scan: the light over its field of view."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from service.api.parts import StoresDep
from service.api.schemas.base import Id
from service.api.schemas.scan import NewFlatField, Scan
from service.scans import flat_fields
from service.vision.image_header import readable_kind

router = APIRouter(prefix="/v1/scans/{scan_id}/flat-field", tags=["scans"])


@router.put("")
def give_flat_field(
    scan_id: Id,
    new: Annotated[NewFlatField, Form(media_type="multipart/form-data")],
    stores: StoresDep,
) -> Scan:
    """Screen by a picture of empty substrate, as large as the tiles, from now on."""
    return Scan.model_validate(flat_fields.give_flat_field(stores, scan_id, new.image.file.read()))


@router.get("", response_class=Response)
def get_flat_field(scan_id: Id, stores: StoresDep) -> Response:
    """The picture that was given, or the learnt field: reduced, 16 bit, a quarter is the mean."""
    picture = flat_fields.flat_field_picture(stores, scan_id)
    kind = (readable_kind(picture) or "unknown").lower()
    return Response(picture, media_type=f"image/{kind}")


@router.delete("", status_code=204)
def drop_flat_field(scan_id: Id, stores: StoresDep) -> None:
    """Screen without a flat field from now on."""
    flat_fields.drop_flat_field(stores, scan_id)
