"""The real service on a real socket: uvicorn in a thread, SQLite by the real migrations."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from service.db.migrate import migrate
from service.http.parts import Parts
from service.jobs.database import migrate_jobs
from service.processes.server import Server, address_of, listen, server_config
from service.settings import Settings


@dataclass(frozen=True)
class Running:
    """A service that runs, a client of it, and its parts."""

    http: httpx.Client
    parts: Parts
    stop: Callable[[], None]

    def post_tile(self, scan_id: int, image: bytes, name: str = "a.png", **form) -> httpx.Response:
        return self.http.post(
            f"/v1/scans/{scan_id}/tiles", files={"image": (name, image)}, data=form
        )

    def post_tile_later(self, scan_id: int, image: bytes, **form) -> httpx.Response:
        return self.http.post(
            f"/v1/scans/{scan_id}/tiles",
            files={"image": ("a.png", image)},
            data=form,
            headers={"prefer": "wait=5, respond-async"},
        )

    def open_scan(self, **body) -> int:
        return (
            self.http.post("/v1/scans", json={"name": "chip"} | body)
            .raise_for_status()
            .json()["id"]
        )


@contextmanager
def serving(settings: Settings) -> Iterator[Running]:
    migrate(settings.url)
    migrate_jobs(settings.url)
    server = Server(server_config(settings))
    app = server.config.app
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with httpx.Client(base_url=address_of(listener), timeout=60) as http:
                http.get("/healthz").raise_for_status()  # waits until the parts are built
                yield Running(http, app.state.parts, partial(setattr, server, "should_exit", True))
        finally:
            server.should_exit = True
            thread.join()
