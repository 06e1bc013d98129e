"""The live loop: which flake to drive back to, and the images that were taken there."""

from dataclasses import dataclass
from hashlib import sha256

from service.checks import (
    AREA_UM2_RANGE,
    LAYERS_RANGE,
    STAGE_UM_RANGE,
    UM_PER_PX_RANGE,
    check_pair,
    check_range,
    check_text,
    found,
)
from service.db.engine import Sessions, writing
from service.db.queries.blobs import lock_blobs, swept_on_failure
from service.db.queries.reviews import (
    Wanted,
    count_waiting,
    next_flakes,
    revisit_with,
    revisits_of_flake,
)
from service.db.queries.scans import lock_scan
from service.db.tables import Revisit, Scan
from service.errors import InvalidImage, InvalidValue
from service.images import image_header
from service.reviews import schemas
from service.reviews.schemas import NextFlake, RevisitAdded
from service.scans.reading import flake_row, read_flakes
from service.scans.tiles import Stores

__all__ = ["NewRevisit", "Wanted", "add_revisit", "image_of_revisit", "list_revisits", "next_flake"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevisit:
    """An image taken again of a flake, and how; unknown is None, never 0."""

    image: bytes
    name: str | None = None
    um_per_px: float | None = None
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    note: str | None = None


def next_flake(sessions: Sessions, scan_id: int, wanted: Wanted) -> NextFlake:
    """Find the best graphene flake of a scan that nobody reviewed or took an image of again.

    The merit is p_graphene times area_um2, the graphene to be expected there; flakes without a
    place on the stage cannot be driven to and are left out.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        A condition is out of its range.
    """
    check_range("min_area_um2", wanted.min_area_um2, AREA_UM2_RANGE)
    check_range("min_p", wanted.min_p, (0, 1))
    for layers in wanted.layers:
        check_range("layers", layers, LAYERS_RANGE)
    with sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
        best = next_flakes(session, scan_id, wanted, 1)
        if not best:
            return NextFlake(flake=None, merit_um2=None, waiting=0)
        ((flake, merit_um2),) = best
        waiting = count_waiting(session, scan_id, wanted)
        (shown,) = read_flakes(session, [flake])
        return NextFlake(flake=shown, merit_um2=merit_um2, waiting=waiting)


def add_revisit(stores: Stores, flake_id: int, new: NewRevisit) -> RevisitAdded:
    """Keep an image with its flake; the same bytes again are the revisit that is there.

    Raises
    ------
    NotFound
        No such flake.
    InvalidImage
        The bytes are of no kind that can be shown.
    InvalidValue
        A scale, a position or a text is wrong.
    """
    _check(new)
    kind = image_header.readable_kind(new.image)
    if kind is None:
        raise InvalidImage(
            f"The file looks like {image_header.describe(new.image)}; PNG, JPEG, TIFF and BMP are "
            "read."
        )
    name = sha256(new.image).hexdigest()
    with stores.sessions() as session:
        flake_row(session, flake_id)
    stores.blobs.put(new.image)
    with swept_on_failure(stores.sessions, stores.blobs, name):
        return _save(
            stores, flake_id, new, Revisit(sha256=name, media_type=f"image/{kind.lower()}")
        )


def list_revisits(sessions: Sessions, flake_id: int) -> list[schemas.Revisit]:
    """List every revisit of a flake, oldest first; raises `NotFound`."""
    with sessions() as session:
        flake_row(session, flake_id)
        return [schemas.Revisit.read(revisit) for revisit in revisits_of_flake(session, flake_id)]


def image_of_revisit(stores: Stores, flake_id: int, revisit_id: int) -> tuple[bytes, str]:
    """Read a revisit's image as it was sent, and its media type; raises `NotFound`."""
    with stores.sessions() as session:
        revisit = session.get(Revisit, revisit_id)
        if revisit is not None and revisit.flake_id != flake_id:
            revisit = None
        there = found(revisit, f"revisit {revisit_id} of flake {flake_id}")
    return stores.blobs.get(there.sha256), there.media_type


def _save(stores: Stores, flake_id: int, new: NewRevisit, revisit: Revisit) -> RevisitAdded:
    with writing(stores.sessions) as session:
        # A merge that removes the flake must see the revisit, or come first.
        lock_scan(session, flake_row(session, flake_id).scan_id)
        flake_row(session, flake_id)
        there = revisit_with(session, flake_id, revisit.sha256)
        if there is not None:
            return RevisitAdded.read(there, flakes=None, created=False)
        lock_blobs(session, exclusive=False)
        stores.blobs.put(new.image)  # a look at the store, unless it was swept since
        revisit.flake_id = flake_id
        revisit.name, revisit.note = new.name, new.note or None
        revisit.um_per_px = new.um_per_px
        revisit.stage_x_um, revisit.stage_y_um = new.stage_x_um, new.stage_y_um
        revisit.stage_z_um = new.stage_z_um
        session.add(revisit)
        session.flush()
        return RevisitAdded.read(revisit, flakes=None, created=True)


def _check(new: NewRevisit) -> None:
    check_text("name", new.name, longest=255)
    check_text("note", new.note or None, longest=4000)
    check_range("um_per_px", new.um_per_px, UM_PER_PX_RANGE)
    check_pair(("stage_x_um", "stage_y_um"), (new.stage_x_um, new.stage_y_um))
    for axis in ("stage_x_um", "stage_y_um", "stage_z_um"):
        check_range(axis, getattr(new, axis), STAGE_UM_RANGE)
    if not new.image:
        raise InvalidValue("image is empty.")
