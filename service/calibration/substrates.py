"""Substrates: wafers whose oxide and contrasts somebody measured."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from service.calibration import schemas
from service.checks import OXIDE_NM_RANGE, check_range, check_text, found
from service.db.engine import Sessions, writing
from service.db.tables import Scan, Substrate
from service.errors import Conflict
from service.optics.references import parse_references, references_document


def add_substrate(
    sessions: Sessions,
    name: str,
    oxide_nm: float | None,
    reference_contrasts: Mapping[str, Any] | None,
) -> schemas.Substrate:
    """Add a substrate, from a document of contrasts of 2DMatGMM, of A2D, or of this service.

    Raises
    ------
    InvalidValue
        A value or the document is wrong.
    Conflict
        Another has this name.
    """
    check_text("name", name, longest=200)
    check_range("oxide_nm", oxide_nm, OXIDE_NM_RANGE)
    document: dict[str, Any] = {}
    if reference_contrasts:
        document = references_document(parse_references(dict(reference_contrasts)))
    try:
        with writing(sessions) as session:
            row = Substrate(name=name, oxide_nm=oxide_nm, reference_contrasts=document)
            session.add(row)
            session.flush()
            return schemas.Substrate.read(row)
    except IntegrityError as error:
        raise Conflict(f"There is a substrate {name!r} already: delete it first.") from error


def list_substrates(sessions: Sessions) -> list[schemas.Substrate]:
    """List every substrate, by name."""
    with sessions() as session:
        return [
            schemas.Substrate.read(row)
            for row in session.scalars(select(Substrate).order_by(Substrate.name))
        ]


def get_substrate(sessions: Sessions, substrate_id: int) -> schemas.Substrate:
    """Find one substrate; raises `NotFound`."""
    with sessions() as session:
        return schemas.Substrate.read(
            found(session.get(Substrate, substrate_id), f"substrate {substrate_id}")
        )


def delete_substrate(sessions: Sessions, substrate_id: int) -> None:
    """Remove a substrate.

    Raises
    ------
    NotFound
        No such substrate.
    Conflict
        Scans refer to it: their layers were read by it.
    """
    with writing(sessions) as session:
        row = found(session.get(Substrate, substrate_id), f"substrate {substrate_id}")
        query = select(func.count()).select_from(Scan).where(Scan.substrate_id == substrate_id)
        if scans := session.scalar(query):
            raise Conflict(f"{scans} scans refer to substrate {substrate_id}: it stays.")
        session.delete(row)
