"""Attack a service on this machine with inputs that took it down, and print what became of each.

`python -m bench.attacks FOLDER [DATABASE_URL]`. The service and its children get at most 2 GiB
each, by a limit that they inherit: this machine is not endangered. Linux only.
"""

import io
import json
import os
import resource
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from bench.kill.run import wait_for_end
from bench.kill.service import Service

MIB = 2**20
CAP_BYTES = 2 * 2**30
# A scan that ends at all ends within it.
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attack did.

    Attributes
    ----------
    status : str
        HTTP status, and how a scan ended.
    peak_mib : float
        The most that service, worker and their children held together.
    """

    attack: str
    status: str
    peak_mib: float
    duration_s: float


def side_file(name: str, content: bytes) -> bytes:
    """A zip with a side file, small as it goes over the wire."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a_r0_c0.png", b"no image")
        archive.writestr(name, content)
    return file.getvalue()


Attack = Callable[[Service, httpx.Client], str]


def bring(name: str, content: bytes) -> Attack:
    """Bring in a scan with a side file, and wait for its end."""

    def attack(service: Service, http: httpx.Client) -> str:
        files = {"archive": ("a.zip", side_file(name, content))}
        answer = http.post("/v1/scans/upload", files=files, data={"again": "true"})
        if answer.status_code != 202:
            return str(answer.status_code)
        try:
            deadline = time.monotonic() + PATIENCE_S
            state = wait_for_end(service, answer.json()["id"], deadline)
        except TimeoutError:
            return f"202, no end within {PATIENCE_S:g} s"
        return f"202, {state['state']}: {(state['error'] or '')[:70]}"

    return attack


def post(path: str, content: bytes, kind: str) -> Attack:
    """Post a body."""

    def attack(_: Service, http: httpx.Client) -> str:
        answer = http.post(path, content=content, headers={"content-type": kind})
        return str(answer.status_code)

    return attack


def coco(_: Service, http: httpx.Client) -> str:
    """Post a data set of a quarter of a megabyte that becomes gigabytes."""
    content = b'{"images":[' + b"[]," * (60 * MIB // 3) + b"[]]}"
    files = {"archive": ("a.zip", side_file("annotations/train300.json", content))}
    return str(http.post("/v1/datasets", files=files).status_code)


def attacks() -> dict[str, Attack]:
    """Every attack by its name."""
    scan = '{"name": %s}'
    texts = {"half a character": '"\\ud800"', "NUL": '"\\u0000"', "deep": "[" * 50_000}
    found: dict[str, Attack] = {
        "xlif of 60 MiB of <a>": bring("a.xlif", b"<a>" * (60 * MIB // 3)),
        "metadata.txt of 60 MiB of []": bring(
            "metadata.txt", b'{"a":[' + b"[]," * (60 * MIB // 3) + b"[]]}"
        ),
        "csv of 60 MiB": bring("a.csv", b"file,x,y\n" + b"a,1,2\n" * (60 * MIB // 6)),
        "COCO of 60 MiB of []": coco,
        "JSON of 60 MiB": post("/v1/scans", b"[]," * (60 * MIB // 3), "application/json"),
        "endless form": post(
            "/v1/scans/upload",
            b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 300_000,
            "multipart/form-data; boundary=x",
        ),
    }
    for name, value in texts.items():
        found[f"name: {name}"] = post("/v1/scans", (scan % value).encode(), "application/json")
    return found


def main(folder: str, database_url: str = "") -> None:
    """Run every attack and print the table; a JSON file stands beside it."""
    resource.setrlimit(resource.RLIMIT_DATA, (CAP_BYTES, CAP_BYTES))
    place = Path(folder)
    url = database_url or f"sqlite:///{(place / 'data' / 'flakescope.db').absolute()}"
    service = Service(place / "data", url, {"FLAKESCOPE_WORKERS": "1"})
    service.start()
    outcomes = []
    try:
        for name, attack in attacks().items():
            with service.client() as http, peak_of(service.pid) as peak:
                started = time.monotonic()
                try:
                    status = attack(service, http)
                except (httpx.TransportError, RuntimeError) as error:
                    status = f"no answer: {type(error).__name__}"
                took_s = time.monotonic() - started
            outcome = Outcome(name, status, round(peak[0] / MIB, 0), round(took_s, 1))
            outcomes.append(outcome)
            print(f"{name:32} {outcome.peak_mib:6.0f} MiB {took_s:6.1f} s  {status}", flush=True)
        with service.client() as http:
            print("afterwards /readyz answers", http.get("/readyz").status_code)
    finally:
        service.stop()
    (place / "attacks.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=1))


@contextmanager
def peak_of(pid: int) -> Iterator[list[float]]:
    """The most bytes that a process and all below it hold together during the block."""
    peak, stop = [0.0], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            peak[0] = max(peak[0], sum(map(resident_bytes, family(pid))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found, pending = list[int](), [pid]
    while pending:
        one = pending.pop()
        found.append(one)
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                pending += [int(child) for child in path.read_text().split()]
            except OSError:
                continue
    return found


def resident_bytes(pid: int) -> int:
    """Memory that a process takes now; 0 where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(*sys.argv[1:])
