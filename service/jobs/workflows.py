"""The jobs: what each does, step by step, is in the domain rooms; here is what the engine calls."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from dbos import DBOS

from service.calibration.flat_fields import learn_from_tiles
from service.calibration.scan_optics import scan_drift
from service.db.tables import Scan
from service.intake.folder import Intake
from service.jobs.names import RUN_SCAN, SCREEN_CHUNK, SCREEN_TILE, chunk_id
from service.placement.agreement import scan_placement
from service.placement.correcting import redraw_map
from service.scans.chunks import Means, screen_chunk
from service.scans.outage import wait_out
from service.scans.positions import scale_of_scan
from service.scans.queue import Chunk, Queue, Run
from service.scans.runs import finish, plan
from service.scans.tiles import Stores
from service.vision.stage import scale_contradiction

_log = logging.getLogger(__name__)


def notice(stores: Stores, run: Run) -> list[str]:
    """Warnings about a run's scan, as sentences; none where another run took its place."""
    with stores.sessions() as session:
        scan = session.get(Scan, run.scan_id)
        if scan is None or scan.run != run.number:
            return []
        compared, drift = scan_drift(session, scan.id)
        stated = scale_of_scan(scan) if scan.um_per_px_from == "stated" else None
        said = scale_contradiction(stated, scan.files_um_per_px)
        unlearnt = scan.flat_field == "auto" and scan.flat_field_sha256 is None
    warnings = [] if said is None else [said]
    if unlearnt:
        warnings.append("No flat field could be learnt: too few tiles show bare substrate.")
    if drift:
        count = f"{len(drift)} of {compared} tiles are under another light"
        warnings.append(f"{count}. The worst is {drift[0].name}: {drift[0].warning}")
    try:
        placement = scan_placement(stores, run.scan_id).warning
    except Exception:  # of whatever kind: it must not take the scan's end
        _log.exception("The placement of scan %d could not be checked", run.scan_id)
        placement = None
    return warnings if placement is None else [*warnings, placement]


# An outage is waited out (`service.scans.outage`). Another passing fault (a share is away, no model
# serves) is over within half a minute, or is somebody's work: then the scan says what is missing
# and can be screened again.
class _Patience(TypedDict):
    retries_allowed: bool
    max_attempts: int
    interval_seconds: float
    backoff_rate: float


_PATIENCE = _Patience(retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=2.0)


@dataclass(frozen=True, slots=True)
class Work:
    """Tools of the worker's jobs: stores, queue, archive reader, intake and screening means.

    Attributes
    ----------
    bring_in : callable
        Brings in a run that has a path; how many chunks it makes, None where it has failed.
    means_for : callable
        What screens with a model version, None = the active one.
    """

    stores: Stores
    queue: Queue
    bring_in: Callable[[Run], int | None]
    intake: Intake
    means_for: Callable[[str | None], Means]


def register(work: Work) -> None:
    """Make the jobs known to the engine, before it is launched.

    The order and number of a job's steps are part of `JOBS_VERSION`. The engine's own limit of
    restarts is off: a tile that ends its worker fails alone before (`service.scans.chunks`), and
    a long scan may see many restarts.
    """
    _register_screening(work)
    _register_runs(work)


def _register_screening(work: Work) -> None:
    @DBOS.step(name="screen", **_PATIENCE)
    def screen(
        scan_id: int, run: int | None, tile_ids: list[int], model_version: str | None
    ) -> None:
        chunk = Chunk(scan_id, run, tuple(tile_ids), model_version)
        screen_chunk(work.means_for(model_version), chunk)

    # The same work under two names: each has its queue.
    @DBOS.workflow(name=SCREEN_TILE, max_recovery_attempts=None)
    def screen_one(
        scan_id: int, run: int | None, tile_ids: list[int], model_version: str | None
    ) -> None:
        screen(scan_id, run, tile_ids, model_version)

    @DBOS.workflow(name=SCREEN_CHUNK, max_recovery_attempts=None)
    def screen_many(
        scan_id: int, run: int | None, tile_ids: list[int], model_version: str | None
    ) -> None:
        screen(scan_id, run, tile_ids, model_version)


def _register_runs(work: Work) -> None:
    @DBOS.step(name="take_in", **_PATIENCE)
    def take_in(
        scan_id: int, number: int, path: str | None, model_version: str | None
    ) -> int | None:
        return wait_out(lambda: _bring_in_run(work, Run(scan_id, number, path, model_version)))

    @DBOS.step(name="finish", **_PATIENCE)
    def end(scan_id: int, number: int, path: str | None, problem: str | None) -> None:
        run = Run(scan_id, number)
        stores = work.stores
        alone = work.queue.tiles_alone
        wait_out(lambda: finish(stores.sessions, run, problem, notice(stores, run), alone=alone))
        if path is not None:
            work.intake.discard(Path(path))

    @DBOS.workflow(name=RUN_SCAN, max_recovery_attempts=None)
    def run_scan(scan_id: int, number: int, path: str | None, model_version: str | None) -> None:
        try:
            chunks = take_in(scan_id, number, path, model_version)
        except Exception as error:  # the top of a job: the scan has to say why it ended
            end(scan_id, number, path, f"It could not be brought in: {error}")
            return
        if chunks is None:
            return
        run = Run(scan_id, number, path, model_version)
        problems = [problem for n in range(chunks) if (problem := _outcome(chunk_id(run, n)))]
        end(scan_id, number, path, problems[0] if problems else None)


def _bring_in_run(work: Work, run: Run) -> int | None:
    """Bring in or plan a run and count its chunks; None where it has failed."""
    if run.path is None:
        learn_from_tiles(work.stores, run)
        redraw_map(work.stores, run)
        return plan(work.stores.sessions, work.queue, run)
    chunks = work.bring_in(run)
    if chunks is None:
        # Where its process died nobody else gave the space back.
        work.intake.discard(Path(run.path))
    return chunks


def _outcome(job_id: str) -> str | None:
    """Wait for a chunk; what stopped it, if anything did."""
    try:
        DBOS.retrieve_workflow(job_id, existing_workflow=False).get_result()
    except Exception as error:  # of whatever kind: the other chunks go on, the scan tells it
        _log.exception("Job %s failed", job_id)
        return f"Some tiles could not be screened: {error}"
    return None
