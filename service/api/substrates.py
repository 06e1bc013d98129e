"""Substrates: contrasts that somebody measured, for scans to refer to."""

from fastapi import APIRouter

from service.api.access import ADMIN
from service.api.parts import SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.substrate import NewSubstrate, Substrate, SubstrateList
from service.scans import substrates

router = APIRouter(prefix="/v1/substrates", tags=["substrates"])


@router.get("")
def list_substrates(sessions: SessionsDep) -> SubstrateList:
    """Every substrate, by name."""
    found = substrates.list_substrates(sessions)
    return SubstrateList(items=[Substrate.model_validate(one) for one in found])


@router.post("", status_code=201)
def add_substrate(new: NewSubstrate, sessions: SessionsDep) -> Substrate:
    """Keep a substrate, with contrasts as 2DMatGMM or A2D write them."""
    return Substrate.model_validate(substrates.add_substrate(sessions, **new.model_dump()))


@router.get("/{substrate_id}")
def get_substrate(substrate_id: Id, sessions: SessionsDep) -> Substrate:
    """One substrate."""
    return Substrate.model_validate(substrates.get_substrate(sessions, substrate_id))


@router.delete("/{substrate_id}", status_code=204, dependencies=[ADMIN])
def delete_substrate(substrate_id: Id, sessions: SessionsDep) -> None:
    """Remove a substrate that no scan refers to."""
    substrates.delete_substrate(sessions, substrate_id)
