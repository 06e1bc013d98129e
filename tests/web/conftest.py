"""A real Chromium looking at the real service: uvicorn on a socket, the page as it was built."""

import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from service.http.page import BUILT
from service.processes.embedded import embedded_worker
from service.settings import Settings
from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.serving import Running, serving
from tests.inference.tiny_model import write_tiny_model
from tests.web.browser import Looking

# Without these Chromium needs rights and a screen that a test does not have.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
# Long, for machines where every core runs tests; what is there is found at once.
_WAIT_MS = 30_000


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser: $FLAKESCOPE_CHROMIUM, or the system's."""
    given = os.environ.get("FLAKESCOPE_CHROMIUM")
    found = given or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium; install it, or set FLAKESCOPE_CHROMIUM to its path")
    return found


@pytest.fixture(scope="session")
def _built_page() -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the page is not built: make web")


# One for each module, not longer: while it runs, this thread has an event loop that other tests
# would trip over.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        except Error as error:
            pytest.skip(f"Chromium does not start: {error}")
        yield started
        started.close()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that calls every candidate graphene, p = sigmoid(4 / 2)."""
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    return write_tiny_model(path, weight=0, bias=4)


@pytest.fixture(scope="module")
def has_worker() -> bool:
    """Whether a worker runs beside the service; a module that uploads scans overrides this."""
    return False


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    has_worker: bool,
    _built_page: None,
    browser: Browser,
) -> Iterator[Running]:
    """The service. Its client is for what a test prepares; what it tests, it does in the page."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), model=tiny_model, workers=1)
    with (
        serving(settings) as service,
        embedded_worker(settings) if has_worker else nullcontext(),
    ):
        yield service


@pytest.fixture(params=["light"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Light or dark: `@pytest.mark.parametrize("scheme", SCHEMES, indirect=True)` has both."""
    return str(request.param)


@pytest.fixture(params=[1])
def ratio(request: pytest.FixtureRequest) -> float:
    """Pixels of the screen per pixel of the page: scaled displays and zoom make it other than 1."""
    return float(request.param)


@pytest.fixture
def looking(browser: Browser, running: Running, scheme: str, ratio: float) -> Iterator[Looking]:
    """A fresh visitor. At the end nothing may have gone wrong that was not expected."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        device_scale_factor=ratio,
        color_scheme=scheme,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(_WAIT_MS)
    expect.set_options(timeout=_WAIT_MS)
    visitor = Looking(context.new_page(), str(running.http.base_url).rstrip("/"))
    visitor.watch()
    yield visitor
    context.close()
    assert visitor.faults == []


@pytest.fixture(scope="session")
def flake_png() -> bytes:
    """A tile with one monolayer, `FLAKE_PX`."""
    return png_of(draw_tile(FLAKE_PX))


@pytest.fixture
def screened_scan(running: Running, flake_png: bytes) -> int:
    """Id of a scan with one screened tile and its flake, at a known stage position."""
    scan_id = running.open_scan(um_per_px=0.3844, oxide_nm=90)
    posted = running.post_tile(scan_id, flake_png, stage_x_um=1000, stage_y_um=2000)
    assert posted.status_code == 201, posted.text
    return scan_id
