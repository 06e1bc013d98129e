"""The route of Prometheus, and what the service is like at the moment when it asks."""

import shutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import InfoMetricFamily as Info
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from service.admin.census import Census, take_census
from service.api.status import missing_gpu
from service.errors import InvalidModel
from service.http.parts import Parts, PartsDep

# Counting all tiles takes some ms of a large database; Prometheus asks every 15 s or so.
FRESH_S = 10.0


# eq=False: the registry keeps collectors by what they are, not by what is in them.
@dataclass(slots=True, eq=False)
class StateCollector(Collector):
    """Gauges of the pool, the model, the disk, the queues and the database.

    Attributes
    ----------
    clock : callable
        Seconds that only grow; a test passes its own.
    """

    parts: Parts
    data_dir: Path
    clock: Callable[[], float] = time.monotonic
    _census: Census | None = None
    _taken_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def describe(self) -> list[Metric]:
        """Describe no metrics: what is registered must not ask the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Collect every gauge; without a database those that need none."""
        yield from self._pool()
        yield from self._model()
        yield from self._disk()
        yield from self._database()

    def _pool(self) -> Iterable[Metric]:
        pool = self.parts.screener.pool
        running = min(pool.taken, pool.workers)
        gauge = Gauge("flakescope_pool_places", "Images in the pool for one image.", labels=["is"])
        gauge.add_metric(["running"], running)
        gauge.add_metric(["waiting"], pool.taken - running)
        yield gauge

    def _model(self) -> Iterable[Metric]:
        try:
            classifier = self.parts.screener.live.classifier
        except InvalidModel:
            yield Gauge("flakescope_model_ready", "Whether images can be screened.", 0)
            return
        yield Gauge("flakescope_model_ready", "Whether images can be screened.", 1)
        about = {"version": classifier.version, "provider": classifier.provider}
        yield Info("flakescope_model", "The model version that screens.", about)
        missing = missing_gpu(self.parts) is not None
        text = "1 where a GPU was asked for and the CPU answers."
        yield Gauge("flakescope_gpu_missing", text, int(missing))

    def _disk(self) -> Iterable[Metric]:
        try:
            disk = shutil.disk_usage(self.data_dir)
        except OSError:
            return
        yield Gauge("flakescope_disk_free_bytes", "Of the data folder's disk.", disk.free)
        yield Gauge("flakescope_disk_used_bytes", "Of the data folder's disk.", disk.used)

    def _database(self) -> Iterable[Metric]:
        text = "Whether the database answers."
        try:
            queues = self.parts.queue.depths.count(self.parts.stores.sessions)
            census = self._fresh_census()
        except SQLAlchemyError:
            yield Gauge("flakescope_database_up", text, 0)
            return
        yield Gauge("flakescope_database_up", text, 1)
        jobs = Gauge("flakescope_jobs", "Jobs by queue.", labels=["queue", "is"])
        for queue, (waiting, running) in queues.items():
            jobs.add_metric([queue, "waiting"], waiting)
            jobs.add_metric([queue, "running"], running)
        yield jobs
        yield from _census_gauges(census)

    def _fresh_census(self) -> Census:
        with self._lock:
            if self._census is None or self.clock() - self._taken_s > FRESH_S:
                self._census = take_census(self.parts.stores.sessions)
                self._taken_s = self.clock()
            return self._census


def _census_gauges(census: Census) -> Iterable[Metric]:
    tiles = Gauge("flakescope_stored_tiles", "Tiles in the database.", labels=["state"])
    for state, count in census.tiles.items():
        tiles.add_metric([state], count)
    yield tiles
    age = Gauge("flakescope_worker_seen_seconds", "Since a worker was seen.", labels=["worker"])
    for name, age_s in census.workers_s.items():
        age.add_metric([name], age_s)
    yield age
    text = "Tiles of the newest scan under another light than its others."
    yield Gauge("flakescope_light_drift_tiles", text, census.drifted_tiles)


metrics_router = APIRouter(tags=["health"])


@metrics_router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format"}},
)
def show_metrics(parts: PartsDep) -> Response:
    """Counters and gauges, in the text format of Prometheus."""
    content = generate_latest(parts.metrics.registry)
    return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST})
