"""Routes of flat fields and substrates."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from service.calibration import flat_fields, substrates
from service.calibration.schemas import NewSubstrate, Substrate, SubstrateList
from service.http.parts import SessionsDep, StoresDep
from service.http.roles import ADMIN
from service.images.image_header import readable_kind
from service.scans.schemas import NewFlatField, Scan
from service.schemas import Id

flat_fields_router = APIRouter(prefix="/v1/scans/{scan_id}/flat-field", tags=["scans"])


@flat_fields_router.put("")
def give_flat_field(
    scan_id: Id,
    new: Annotated[NewFlatField, Form(media_type="multipart/form-data")],
    stores: StoresDep,
) -> Scan:
    """Screen by a picture of empty substrate, as large as the tiles, from now on."""
    return flat_fields.give_flat_field(stores, scan_id, new.image.file.read())


@flat_fields_router.get("", response_class=Response)
def get_flat_field(scan_id: Id, stores: StoresDep) -> Response:
    """Get the given picture, or the learnt field: reduced, 16 bit, a quarter is the mean."""
    picture = flat_fields.flat_field_picture(stores, scan_id)
    kind = (readable_kind(picture) or "unknown").lower()
    return Response(picture, media_type=f"image/{kind}")


@flat_fields_router.delete("", status_code=204)
def drop_flat_field(scan_id: Id, stores: StoresDep) -> None:
    """Screen without a flat field from now on."""
    flat_fields.drop_flat_field(stores, scan_id)


substrates_router = APIRouter(prefix="/v1/substrates", tags=["substrates"])


@substrates_router.get("")
def list_substrates(sessions: SessionsDep) -> SubstrateList:
    """List every substrate, by name."""
    return SubstrateList(items=substrates.list_substrates(sessions))


@substrates_router.post("", status_code=201)
def add_substrate(new: NewSubstrate, sessions: SessionsDep) -> Substrate:
    """Keep a substrate, with contrasts as 2DMatGMM or A2D write them."""
    return substrates.add_substrate(sessions, **new.model_dump())


@substrates_router.get("/{substrate_id}")
def get_substrate(substrate_id: Id, sessions: SessionsDep) -> Substrate:
    """Get one substrate."""
    return substrates.get_substrate(sessions, substrate_id)


@substrates_router.delete("/{substrate_id}", status_code=204, dependencies=[ADMIN])
def delete_substrate(substrate_id: Id, sessions: SessionsDep) -> None:
    """Remove a substrate that no scan refers to."""
    substrates.delete_substrate(sessions, substrate_id)
