"""Open, look at, change and delete a scan."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from service.checks import (
    OXIDE_NM_RANGE,
    UM_PER_PX_RANGE,
    check_limit,
    check_range,
    check_text,
    found,
    read_cursor,
    write_cursor,
)
from service.db.blobs import BlobStore
from service.db.engine import Sessions, writing
from service.db.queries.blobs import sweep_blobs
from service.db.queries.reviews import revisit_blobs_of_scan
from service.db.queries.scans import blobs_of_scan, count_scans, lock_scan, page_of_scans
from service.db.tables import Scan
from service.errors import InvalidValue
from service.scans import schemas
from service.scans.lighting import check_substrate
from service.scans.positions import check_affine
from service.scans.reading import read_scans
from service.scans.schemas import NewScan, ScanPage
from service.vision.stage import from_micro_manager, scale_um_per_px

# The only order in which scans are listed: the newest has the highest id.
_SORT = "-id"

# A folder of 100,000 tiles may contradict a scan in each of them: the first ones tell enough.
MOST_NOTES = 20
# A paragraph, with paths in it.
_LONGEST_NOTE = 2000

# Micro-Manager itself mistrusts an affine that is farther off its pixel size (XYNavigator).
_SCALES_AGREE = 0.1


def create_scan(sessions: Sessions, new: NewScan) -> schemas.Scan:
    """Create a scan; raises `InvalidValue`."""
    check_new_scan(new)
    with writing(sessions) as session:
        check_substrate(session, new.substrate_id)
        scan = Scan(**new.model_dump(), state="open")
        session.add(scan)
        session.flush()
        return read_scans(session, [scan])[0]


def get_scan(sessions: Sessions, scan_id: int) -> schemas.Scan:
    """Get a scan; raises `NotFound`."""
    with sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        return read_scans(session, [scan])[0]


def list_scans(
    sessions: Sessions, *, limit: int = 50, cursor: str | None = None, source: str | None = None
) -> ScanPage:
    """List scans, newest first, all or of a source; `InvalidValue` on a bad limit or cursor."""
    check_limit(limit)
    below_id = None if cursor is None else read_cursor(cursor, _SORT)[1]
    with sessions() as session:
        # One more than asked for tells whether there is a next page.
        scans = page_of_scans(session, below_id, limit + 1, source)
        page = read_scans(session, scans[:limit])
        last = page[-1] if len(scans) > limit else None
        return ScanPage(
            items=page,
            next_cursor=None if last is None else write_cursor(_SORT, None, last.id),
            total=count_scans(session, source),
        )


def delete_scan(sessions: Sessions, blobs: BlobStore, scan_id: int) -> None:
    """Remove a scan with all that belongs to it; raises `NotFound`.

    Images that no other scan has are deleted too.
    """
    with writing(sessions) as session:
        names = remove_scan(session, scan_id)
    sweep_blobs(sessions, blobs, names)


def remove_scan(session: Session, scan_id: int) -> list[str]:
    """Remove the rows of a scan; the blobs to sweep afterwards. Raises `NotFound`."""
    scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
    names = blobs_of_scan(session, scan_id) + revisit_blobs_of_scan(session, scan_id)
    names += [] if scan.flat_field_sha256 is None else [scan.flat_field_sha256]
    session.delete(scan)
    return names


def check_new_scan(new: NewScan) -> None:
    """Raise `InvalidValue` on the first value that is wrong."""
    check_text("name", new.name, longest=200)
    check_text("material", new.material, longest=200)
    check_range("oxide_nm", new.oxide_nm, OXIDE_NM_RANGE)
    check_range("um_per_px", new.um_per_px, UM_PER_PX_RANGE)
    check_text("source", new.source, longest=1000)
    # As many as a 32-bit column holds.
    check_range("tiles_expected", new.tiles_expected, (0, 2**31 - 1))
    check_range("files_um_per_px", new.files_um_per_px, UM_PER_PX_RANGE)
    check_text("format", new.format, longest=200)
    _check_notes(new.notes)
    check_affine(new.affine)
    if new.affine is not None:
        _check_agreement(new, scale_um_per_px(from_micro_manager(new.affine)))


def _check_notes(notes: Sequence[str]) -> None:
    if len(notes) > MOST_NOTES + 1:
        raise InvalidValue(f"There are {len(notes)} notes; {MOST_NOTES + 1} are allowed.")
    for note in notes:
        check_text("A note", note, longest=_LONGEST_NOTE)


def _check_agreement(new: NewScan, affine_um_per_px: float) -> None:
    if new.flip_x or new.flip_y or new.swap_xy:
        raise InvalidValue(
            "affine holds the orientation already: leave flip_x, flip_y and swap_xy out."
        )
    if new.um_per_px is not None:
        ratio = affine_um_per_px / new.um_per_px
        if abs(ratio - 1) > _SCALES_AGREE:
            raise InvalidValue(
                f"um_per_px is {new.um_per_px:g}, but affine has {affine_um_per_px:g} um per "
                f"pixel: they may differ by {_SCALES_AGREE:.0%}."
            )


def change(session: Session, scan: Scan, changes: Mapping[str, Any]) -> None:
    """Change fields of a locked scan; raises `InvalidValue`, and then nothing is changed."""
    known = {name: getattr(scan, name) for name in NewScan.model_fields}
    # A picture that was given is no wish that a new scan could have.
    known["flat_field"] = "none"
    check_new_scan(NewScan(**(known | dict(changes))))
    check_substrate(session, changes.get("substrate_id"))
    for name, value in changes.items():
        setattr(scan, name, value)
