"""What the service answers while every place for screening is taken."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import serving


def test_past_the_pool_the_answer_is_503_and_nothing_is_saved(settings: Settings, flake_png: bytes):
    go_on = threading.Event()
    with serving(settings) as running, ThreadPoolExecutor(1) as other:
        scan_id = running.open_scan()
        pool = running.parts.screener.pool
        taken = other.submit(pool.run, go_on.wait)
        while not pool.taken:
            time.sleep(0.001)

        screened = running.http.post("/v1/screen", files={"image": flake_png})
        added = running.post_tile(scan_id, flake_png)
        alive = running.http.get("/healthz")
        go_on.set()
        taken.result()
        again = running.post_tile(scan_id, flake_png)

    for busy in (screened, added):
        assert problem_of(busy, 503)["type"].endswith(":busy")
        assert int(busy.headers["retry-after"]) >= 1
    assert alive.status_code == 200
    assert again.status_code == 201
