"""`python -m bench.page_pictures OUT`: every page, light and dark, at 1440 and 1024 pixels' width.

The data are those of `flakescope demo`, a few reviews and one short training. What is cut off at
the side and what the browser's console says is printed.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import cv2
import httpx
import numpy as np
import typer
from playwright.sync_api import Browser, ConsoleMessage, Page
from rich.console import Console

from bench.browsing import chromium
from service.cli.client import TIMEOUT_S, Client
from service.cli.demo import show_drawn
from service.cli.demo_server import Address, running_service

WIDTHS_PX, HEIGHT_PX = (1440, 1024), 900
SCHEMES = ("light", "dark")
# So many flakes are reviewed; every third is said to be another than the model thinks.
REVIEWS = 12
TRAINING_S = 900
STILL_S = 60
WEBP_QUALITY = 80


@dataclass(frozen=True)
class Subject:
    """What the pages show."""

    scan: int
    flake: int
    model: str
    training: int

    def pages(self) -> dict[str, str]:
        """Their addresses, by name."""
        scan = f"#/scans/{self.scan}"
        return {
            "scans": "#/scans",
            "scan": scan,
            "scan-tiles": f"{scan}?tab=tiles",
            "scan-exports": f"{scan}?tab=exports",
            "map": f"{scan}/map",
            "map-flake": f"{scan}/map?flake={self.flake}&show=all",
            "map-layers": f"{scan}/map?colour=layers&show=all",
            "live": f"{scan}/live",
            "review": f"{scan}/review",
            "review-single": f"{scan}/review?view=single&flake={self.flake}&from=flakes",
            "models": "#/models",
            "model": f"#/models/{self.model}",
            "trainings": "#/trainings",
            "training": f"#/trainings/{self.training}",
            "training-start": "#/trainings?start=true",
            "datasets": "#/trainings?tab=datasets",
            "settings": "#/settings",
            "signin": "#/signin",
        }


def prepared(url: str, data_dir: Path, console: Console) -> Subject:
    """The demo's scan, reviewed, and a training on it; made where they are not there."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as http:
        if not _items(http, "/v1/scans"):
            show_drawn(Client(http), console)
        scan = _items(http, "/v1/scans")[0]["id"]
        flakes = _items(http, f"/v1/scans/{scan}/flakes")
        if not _items(http, "/v1/trainings"):
            _review(http, flakes)
            http.post("/v1/trainings", json={"epochs": 3}).raise_for_status()
        training = _items(http, "/v1/trainings")[0]
        with trainer(data_dir):
            training = _ended(http, training["id"])
        version = training["model_version"] or _items(http, "/v1/models")[0]["version"]
        graphene = [flake["id"] for flake in flakes if flake["is_graphene"]]
        return Subject(scan, graphene[0], version, training["id"])


def _items(http: httpx.Client, address: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = http.get(address).raise_for_status().json()["items"]
    return items


def _review(http: httpx.Client, flakes: list[dict[str, Any]]) -> None:
    for number, flake in enumerate(flakes[:REVIEWS]):
        is_graphene = flake["is_graphene"] != (number % 3 == 2)
        label = "graphene" if is_graphene else "not_graphene"
        http.put(f"/v1/flakes/{flake['id']}/review", json={"label": label}).raise_for_status()


def _ended(http: httpx.Client, training: int) -> dict[str, Any]:
    end = time.monotonic() + TRAINING_S
    while True:
        now: dict[str, Any] = http.get(f"/v1/trainings/{training}").raise_for_status().json()
        if now["state"] not in {"queued", "running"}:
            return now
        if time.monotonic() > end:
            raise TimeoutError(f"Training {training} takes more than {TRAINING_S} s.")
        time.sleep(1)


@contextmanager
def trainer(data_dir: Path) -> Iterator[None]:
    """A trainer beside the service."""
    command = [sys.executable, "-m", "models", "trainer", "--threads", "1"]
    with subprocess.Popen([*command, "--data-dir", str(data_dir)]) as process:
        try:
            yield
        finally:
            process.terminate()


def take_all(browser: Browser, url: str, subject: Subject, only: str) -> Iterator[tuple[str, Page]]:
    """Each page as it is when all has come, by the picture's name."""
    for width, scheme in product(WIDTHS_PX, SCHEMES):
        page = browser.new_page(
            viewport={"width": width, "height": HEIGHT_PX},
            color_scheme="light" if scheme == "light" else "dark",
            reduced_motion="reduce",
        )
        page.on("console", _say)
        page.on("pageerror", lambda error: print(f"page error: {error}"))
        for name, place in subject.pages().items():
            picture = f"{name}-{scheme}-{width}"
            if not re.search(only, picture):
                continue
            page.goto("about:blank")
            page.goto(f"{url}/{place}")
            page.locator("main h1").first.wait_for(state="attached")
            _wait_until_still(page)
            yield picture, page
        page.close()


def _say(message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        print(f"console: {message.type}: {message.text}")


def _wait_until_still(page: Page) -> None:
    """Until nothing has come for a while. The stream of events never ends: it does not count."""
    before, now = -1, 0
    end = time.monotonic() + STILL_S
    while before != now and time.monotonic() < end:
        page.wait_for_timeout(2000)
        before, now = now, page.evaluate("performance.getEntriesByType('resource').length")


def write(shot: bytes, path: Path) -> None:
    """As WebP where the name says so."""
    if path.suffix == ".png":
        path.write_bytes(shot)
        return
    picture = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the pictures.")],
    data_dir: Annotated[Path | None, typer.Option(help="Keep the data for the next time.")] = None,
    kind: Annotated[str, typer.Option(help="png or webp.")] = "webp",
    only: Annotated[
        str, typer.Option(help="Regular expression of pictures' names: map.*dark-1440")
    ] = "",
) -> None:
    """Take a picture of every page."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = data_dir or Path(temporary)
        with running_service(Address("127.0.0.1", 0), folder) as (url, _), chromium() as browser:
            subject = prepared(url, folder, Console())
            for name, page in take_all(browser, url, subject, only):
                write(page.screenshot(), out / f"{name}.{kind}")
                _say_what_is_cut(name, page.evaluate(_SIDES))


_SIDES = "({ page: document.documentElement.scrollWidth, window: innerWidth })"


def _say_what_is_cut(name: str, sides: Mapping[str, int]) -> None:
    if sides["page"] > sides["window"]:
        print(f"{name}: {sides['page'] - sides['window']} px are cut off at the side")


if __name__ == "__main__":
    typer.run(main)
