"""A run of a scan: asked for, begun, ended; only the scan's latest run may change anything."""

from collections.abc import Callable, Collection, Sequence
from math import ceil
from pathlib import Path

from sqlalchemy.orm import Session

from service.checks import check_same_settings, found
from service.db.engine import Sessions, writing
from service.db.queries.models import find_model_version
from service.db.queries.scans import (
    count_tiles,
    lock_scan,
    page_of_scans,
    queue_again,
    queued_tiles,
)
from service.db.tables import Scan
from service.errors import Conflict
from service.scans import schemas
from service.scans.lighting import check_substrate
from service.scans.queue import Chunk, Queue, Run
from service.scans.reading import read_scans
from service.scans.scans import check_new_scan
from service.scans.schemas import NewScan

# About ten seconds of screening: small beside a scan, large beside what a job costs.
_MOST_TILES_A_CHUNK = 64
# Of a small scan every worker gets some: so many chunks, unless they would be tiny.
_CHUNKS_AT_LEAST, _LEAST_TILES_A_CHUNK = 16, 8


def bring_in(
    sessions: Sessions,
    queue: Queue,
    new: NewScan,
    path: str,
    *,
    again: bool = False,
    given: Collection[str] = (),
) -> schemas.Scan:
    """Queue a scan to be brought in from `path`: scan row and job are there together or not.

    The newest scan of the same source goes on, so that only what is missing is brought in, unless
    it shall be brought in `again`. `given` names the fields that a person stated.

    Raises
    ------
    InvalidValue
        A field of the scan is wrong.
    Conflict
        The same source is being brought in now, or was with other settings.
    """
    check_new_scan(new)
    with writing(sessions) as session:
        earlier = page_of_scans(session, None, 1, new.source) if new.source and not again else []
        if earlier:
            scan = found(lock_scan(session, earlier[0].id), f"scan {earlier[0].id}")
            if scan.state in {"queued", "screening"}:
                raise Conflict(f"Scan {scan.id} is being brought in from this already.")
            known = {name: getattr(scan, name) for name in given}
            check_same_settings(scan.id, known, {name: getattr(new, name) for name in given})
        else:
            check_substrate(session, new.substrate_id)
            scan = Scan(**new.model_dump(), state="queued")
            session.add(scan)
        start_run(session, queue, scan, path=path)
        return read_scans(session, [scan])[0]


def rescreen(
    sessions: Sessions,
    queue: Queue,
    scan_id: int,
    *,
    model_version: str | None = None,
    missing: bool = False,
) -> schemas.Scan:
    """Queue a scan's tiles to be screened again; or only those that have no result.

    Raises
    ------
    NotFound
        No such scan or model version.
    Conflict
        The scan is being brought in or screened now.
    """
    with writing(sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        if model_version is not None:
            found(find_model_version(session, model_version), f"model version {model_version!r}")
        # A new run would end the one that goes on, and what that had yet to take in never came.
        if scan.state in {"queued", "screening"}:
            raise Conflict(f"Scan {scan_id} is being screened: wait for it, or cancel it.")
        # Those that wait are asked for anew, too: that a cancel met them at work says nothing
        # against them.
        lacking = ("queued", "failed")
        queue_again(session, scan_id, lacking if missing else (*lacking, "screened"))
        start_run(session, queue, scan, model_version=model_version)
        return read_scans(session, [scan])[0]


def cancel_scan(
    sessions: Sessions, queue: Queue, scan_id: int, *, discard: Callable[[Path], None]
) -> schemas.Scan:
    """Cancel a scan: nothing more of it is brought in or screened; raises `NotFound`.

    What was found stays. A scan that has ended stays as it is. `discard` gives back the space of
    an archive that nobody will unpack.
    """
    with writing(sessions) as session:
        scan = found(lock_scan(session, scan_id), f"scan {scan_id}")
        number = scan.run
        if scan.state in {"open", "queued", "screening"}:
            scan.state = "cancelled"
            scan.run += 1
            session.flush()
        shown = read_scans(session, [scan])[0]
    path = queue.cancel_run(scan_id, number)
    if path is not None:
        discard(Path(path))
    return shown


def plan(sessions: Sessions, queue: Queue, run: Run) -> int:
    """Queue the waiting tiles of a run's scan in chunks, all or none, and count the chunks."""
    with writing(sessions) as session:
        scan = lock_run(session, run)
        if scan is None:
            return 0
        scan.state = "screening"
        if scan.chunks:
            # The process ended between this transaction and the engine's note of it.
            return scan.chunks
        waiting = queued_tiles(session, run.scan_id)
        size = tiles_a_chunk(len(waiting))
        for number, start in enumerate(range(0, len(waiting), size)):
            tile_ids = tuple(waiting[start : start + size])
            chunk = Chunk(run.scan_id, run.number, tile_ids, run.model_version)
            queue.add_chunk(session, run, number, chunk)
            scan.chunks = number + 1
        return scan.chunks


def finish(
    sessions: Sessions,
    run: Run,
    problem: str | None = None,
    warnings: Sequence[str] = (),
    *,
    alone: Callable[[], Collection[int]] = frozenset,
) -> None:
    """End a run: done, or failed where it has a problem or nothing could be screened.

    `alone` gives tiles that other jobs have yet to screen: a microscope sent them meanwhile, and
    they say nothing of this run.
    """
    with writing(sessions) as session:
        scan = lock_run(session, run)
        if scan is None:
            return
        counts = count_tiles(session, [scan.id])
        queued = counts.get((scan.id, "queued"), 0)
        if queued:
            # Under the lock of the scan no tile comes to it, and none is done.
            queued = len(set(queued_tiles(session, scan.id)) - set(alone()))
        failed = counts.get((scan.id, "failed"), 0)
        if problem is None and queued:
            problem = f"{queued} tiles could not be screened now: screen what is missing again."
        if problem is None and failed and not counts.get((scan.id, "screened")):
            problem = "None of its tiles could be screened: each has its reason."
        scan.state = "done" if problem is None else "failed"
        scan.error = problem
        scan.warnings = list(warnings)


def tiles_a_chunk(count: int) -> int:
    """Compute how many of so many tiles make one chunk."""
    shared = max(_LEAST_TILES_A_CHUNK, ceil(count / _CHUNKS_AT_LEAST))
    return min(_MOST_TILES_A_CHUNK, shared)


def lock_run(session: Session, run: Run) -> Scan | None:
    """Lock the run's scan; None where it was deleted or another run took its place."""
    scan = lock_scan(session, run.scan_id)
    return None if scan is None or scan.run != run.number else scan


def start_run(
    session: Session,
    queue: Queue,
    scan: Scan,
    *,
    path: str | None = None,
    model_version: str | None = None,
) -> None:
    """Give a scan its next run and queue it; the scan is locked."""
    scan.run = (scan.run or 0) + 1
    scan.taken, scan.chunks = 0, 0
    scan.state, scan.error = "queued", None
    session.flush()
    queue.add_run(session, Run(scan.id, scan.run, path, model_version))
