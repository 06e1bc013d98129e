"""A service of a few lines that answers as it is told to: faults that the real one seldom has."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCAN = {
    "id": 1,
    "name": "chip",
    "state": "open",
    "created_at": "2026-11-20T10:20:00Z",
    "tiles": {"expected": None, "queued": 0, "screened": 0, "failed": 0},
    "flakes": {"graphene": 0, "other": 0},
}
TILE = {"tile": {"id": 5, "scan_id": 1, "state": "screened", "warnings": []}, "flakes": []}

# Status, body and headers of the answer to the n-th tile.
Answer = tuple[int, dict, dict[str, str]]


@dataclass
class Stub:
    """What came, and how tiles are answered."""

    url: str = ""
    answer: Callable[[int], Answer] = lambda _: (201, TILE, {})
    scan: dict = field(default_factory=lambda: dict(SCAN))
    tokens: list[str | None] = field(default_factory=list)
    tiles: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def stubbing(stub: Stub) -> Iterator[Stub]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = stub.scan if self.path.endswith("/1") else {"items": [], "next_cursor": None}
            self._answer((200, found, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with stub.lock:
                stub.tokens.append(self.headers.get("Authorization"))
                if not self.path.endswith("/tiles"):
                    self._answer((201, stub.scan, {}))
                    return
                stub.tiles.append(body)
                number = len(stub.tiles)
            self._answer(stub.answer(number))

        def _answer(self, answer: Answer) -> None:
            status, content, headers = answer
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stub.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()
