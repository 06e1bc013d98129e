"""What jobs and queues are called; both the client that enqueues and the workers rely on it."""

from uuid import uuid4

from service.scans.queue import Run

APPLICATION = "flakescope"

# Jobs are run by workers of the same version only. Raise it when a job's arguments or the order
# of its steps change in a way that an older or newer worker cannot follow; never otherwise.
JOBS_VERSION = "1"

LIVE, BATCH, SCANS, TRAIN = "live", "batch", "scans", "train"
QUEUES = (LIVE, BATCH, SCANS, TRAIN)

SCREEN_TILE, SCREEN_CHUNK, RUN_SCAN = "screen_tile", "screen_chunk", "run_scan"
TRAIN_NETWORK = "train_network"

# How names of trainers begin: they are no workers that scans could wait for.
TRAINER = "trainer"


def run_id(run: Run) -> str:
    """Build the job id of a run."""
    return run_id_of(run.scan_id, run.number)


def run_id_of(scan_id: int, number: int) -> str:
    """Build the job id of a run from its numbers alone."""
    return f"scan-{scan_id}-run-{number}"


def chunk_id(run: Run, number: int) -> str:
    """Build the job id of one of a run's chunks."""
    return f"{chunks_of(run_id(run))}{number}"


def tile_job(tile_id: int) -> str:
    """The job of a tile that came by itself: another one each time it comes."""
    return f"tile-{tile_id}-{uuid4().hex}"


def tile_of_job(job_id: str) -> int:
    """The tile of a job of `tile_job`."""
    return int(job_id.split("-")[1])


def training_job(training_id: int) -> str:
    """Build the job id of a training."""
    return f"training-{training_id}"


def chunks_of(job_id: str) -> str:
    """Build the prefix of the ids of a run's chunks."""
    return f"{job_id}-chunk-"
