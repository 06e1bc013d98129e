"""Alive and ready are two questions."""

import re
from datetime import timedelta
from pathlib import Path

from service.db.engine import writing
from service.db.migrate import downgrade
from service.db.tables import Worker
from service.jobs.workers import Heartbeat
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving
from tests.inference.tiny_model import write_tiny_model


def test_a_ready_service_names_its_model_and_the_active_provider(running: Running):
    assert running.http.get("/healthz").json()["status"] == "ok"
    assert running.http.get("/readyz").json() == {
        "status": "ready",
        "database": "sqlite",
        "model_version": "tiny-1",
        "provider": "CPUExecutionProvider",
        "workers": 0,
        "waiting": {"live": 0, "batch": 0, "scans": 0, "train": 0},
        "warnings": ["No worker was ever seen here: scans wait until one runs."],
    }


def test_ready_tells_what_waits_and_how_long_no_worker_was_seen(
    settings: Settings, flake_png: bytes
):
    with serving(settings) as running:
        running.post_tile_later(running.open_scan(), flake_png)
        beat = Heartbeat(running.parts.stores.sessions, running.parts.queue.client, "a", False)
        beat.beat()
        alive = running.http.get("/readyz").json()
        with writing(running.parts.stores.sessions) as session:
            session.get_one(Worker, "a").seen_at -= timedelta(minutes=5)
        dead = running.http.get("/readyz")

    assert (alive["workers"], alive["waiting"]["live"], alive["warnings"]) == (1, 1, [])
    assert (dead.status_code, dead.json()["workers"]) == (200, 0)
    (warning,) = dead.json()["warnings"]
    assert re.search(r"last one was seen 30\d s ago", warning)


def test_a_model_that_cannot_serve_leaves_the_rest_in_service(
    settings: Settings, tmp_path: Path, flake_png: bytes
):
    upside_down = write_tiny_model(tmp_path / "wrong.onnx", positive="not_graphene")
    with serving(settings.model_copy(update={"model": upside_down})) as running:
        ready = running.http.get("/readyz")
        screened = running.http.post("/v1/screen", files={"image": flake_png})
        scans = running.http.get("/v1/scans")

    assert "positive class is 'not_graphene'" in problem_of(ready, 503)["detail"]
    assert "positive class is 'not_graphene'" in problem_of(screened, 503)["detail"]
    assert scans.status_code == 200


def test_a_database_of_another_version_is_not_ready(settings: Settings):
    with serving(settings) as running:
        running.parts.engine.dispose()
        downgrade(settings.url, "base")
        ready = running.http.get("/readyz")

    assert "migrate" in problem_of(ready, 503)["detail"]
