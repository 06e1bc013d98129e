"""Lighting: what a scan's tiles are screened with beside their pixels."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.db import tables
from service.db.tables import Scan
from service.errors import InvalidValue
from service.optics.references import parse_references
from service.optics.substrate import Substrate


@dataclass(frozen=True, slots=True)
class Lighting:
    """Oxide, measured contrasts and flat field of a scan.

    Attributes
    ----------
    oxide_nm : float or None
        The scan's own, else its substrate's.
    substrate : Substrate or None
        None where no contrast was measured.
    flat_field_sha256 : str or None
        The blob that holds the picture.
    """

    oxide_nm: float | None
    substrate: Substrate | None
    flat_field_sha256: str | None


def lighting_of(session: Session, scan: Scan) -> Lighting:
    """Read what a scan's tiles are screened with now: oxide, substrate and flat field."""
    row = None
    if scan.substrate_id is not None:
        row = session.get(tables.Substrate, scan.substrate_id)
    oxide_nm = scan.oxide_nm
    if oxide_nm is None and row is not None:
        oxide_nm = row.oxide_nm
    substrate = None
    if row is not None and row.reference_contrasts:
        substrate = Substrate(row.name, oxide_nm, parse_references(row.reference_contrasts))
    return Lighting(oxide_nm, substrate, scan.flat_field_sha256)


def check_substrate(session: Session, substrate_id: int | None) -> None:
    """Raise `InvalidValue` where there is no such substrate; None passes."""
    if substrate_id is not None and session.get(tables.Substrate, substrate_id) is None:
        raise InvalidValue(f"substrate_id is {substrate_id}: there is no such substrate.")
