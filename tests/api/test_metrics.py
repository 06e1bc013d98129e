"""What Prometheus reads tells what happened."""

from prometheus_client.parser import text_string_to_metric_families

from service.admin.tokens import create_token
from service.http.metrics import Metrics
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(running: Running, **headers: str) -> Samples:
    return samples(running.http.get("/metrics", headers=headers).raise_for_status().text)


def test_tiles_stages_and_calls_are_counted(running: Running, flake_png: bytes):
    before = read(running)
    scan_id = running.open_scan()
    running.post_tile(scan_id, flake_png).raise_for_status()
    running.http.post("/v1/screen", files={"image": flake_png}).raise_for_status()
    running.http.post("/v1/screen", files={"image": b"no image"})
    running.http.get(f"/v1/scans/{scan_id}/none")

    after = read(running)

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert grown("flakescope_tiles_total", outcome="screened") == 2
    assert grown("flakescope_tiles_total", outcome="refused") == 1
    for stage in ("decode", "normalise", "segment", "crop", "classify", "measure"):
        assert grown("flakescope_stage_seconds_count", stage=stage) == 2, stage
    assert grown("flakescope_stage_seconds_count", stage="save") == 1
    assert grown("flakescope_calls_total", method="POST", route="add_tile", status="201") == 1
    assert grown("flakescope_calls_total", method="POST", route="screen_image", status="422") == 1
    # What nobody serves has one name, however many there are.
    assert grown("flakescope_calls_total", method="GET", route="none", status="404") == 1


def test_the_state_is_that_of_the_moment(settings: Settings, empty_png: bytes):
    with serving(settings) as running:
        scan_id = running.open_scan()
        running.post_tile(scan_id, empty_png).raise_for_status()
        running.post_tile_later(scan_id, empty_png, row=7, col=7).raise_for_status()
        found = read(running)

    names = {name for name, _ in found}
    about = (("provider", "CPUExecutionProvider"), ("version", "tiny-1"))
    assert found["flakescope_model_info", about] == 1
    assert found["flakescope_model_ready", ()] == 1
    assert found["flakescope_gpu_missing", ()] == 0
    assert found["flakescope_jobs", (("is", "waiting"), ("queue", "live"))] == 1
    assert found["flakescope_jobs", (("is", "waiting"), ("queue", "batch"))] == 0
    assert found["flakescope_stored_tiles", (("state", "screened"),)] == 1
    assert found["flakescope_stored_tiles", (("state", "queued"),)] == 1
    assert found["flakescope_pool_places", (("is", "running"),)] == 0
    assert found["flakescope_database_up", ()] == 1
    assert found["flakescope_light_drift_tiles", ()] == 0
    assert found["flakescope_disk_free_bytes", ()] > 0
    assert "flakescope_worker_seen_seconds" not in names


def test_a_gpu_that_was_asked_for_and_is_missing_shows(settings: Settings):
    with serving(settings.model_copy(update={"provider": "cuda"})) as running:
        found = read(running)
        ready = running.http.get("/readyz").json()

    is_cpu = ready["provider"] == "CPUExecutionProvider"
    assert found["flakescope_gpu_missing", ()] == is_cpu
    assert any("A GPU was asked for" in warning for warning in ready["warnings"]) == is_cpu


def test_without_a_database_the_rest_is_told(settings: Settings):
    with serving(settings.model_copy(update={"open": True})) as running:
        running.parts.engine.dispose()
        settings.data_dir.joinpath("flakescope.db").unlink()
        settings.data_dir.joinpath("flakescope.db").mkdir()
        found = read(running)

    assert found["flakescope_database_up", ()] == 0
    assert found["flakescope_model_ready", ()] == 1


def test_where_tokens_are_needed_prometheus_needs_one_unless_it_is_said(settings: Settings):
    with serving(settings) as running:
        token = create_token(running.parts.stores.sessions, "prometheus", "operator").token
        without = running.http.get("/metrics")
        found = read(running, authorization=f"Bearer {token}")
    with serving(settings.model_copy(update={"metrics_open": True})) as running:
        opened = running.http.get("/metrics")
        scans = running.http.get("/v1/scans")

    problem_of(without, 401)
    assert found["flakescope_model_ready", ()] == 1
    assert opened.status_code == 200
    problem_of(scans, 401)


def test_a_stage_takes_the_time_between_two_marks():
    now = 0.0
    metrics = Metrics(clock=lambda: now)

    done = metrics.stages()
    now = 0.3
    done("decode")
    now = 0.4
    done("segment")

    def total_s(stage: str) -> float | None:
        return metrics.registry.get_sample_value("flakescope_stage_seconds_sum", {"stage": stage})

    assert total_s("decode") == 0.3
    assert round(total_s("segment") or 0, 6) == 0.1


def test_two_services_do_not_count_together():
    one, other = Metrics(), Metrics()

    one.called("GET", "is_alive", 200, 0.1)

    labels = {"method": "GET", "route": "is_alive", "status": "200"}
    assert one.registry.get_sample_value("flakescope_calls_total", labels) == 1
    assert other.registry.get_sample_value("flakescope_calls_total", labels) is None
