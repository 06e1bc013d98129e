"""`python -m bench.page_speed DATA_DIR`: how soon a large map is seen, and how smoothly it moves.

A scan of 10,000 tiles and 50,000 flakes is written to the data folder if that is empty, a service
shows it, and a headless Chromium opens its map, drags it by mouse and turns the wheel for ten
seconds each. Without a GPU the processor draws too: a desk computer does better.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Browser, Page

from bench.browsing import chromium, machine_of
from bench.chip_map import fill
from bench.page_trace import CATEGORIES, figures_of
from service.cli.demo_server import Address, running_service
from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.db.migrate import migrate
from service.jobs.database import migrate_jobs

_MOVING_S = 10
_STEP_S = 1 / 60
_LATEST_S = 120
# Notes when something was last drawn on the map: squares, and the picture of all flakes.
_NOTE_DRAWING = """(() => {
  window.drawn = { last: 0 };
  const note = (prototype, name) => {
    const draw = prototype[name];
    prototype[name] = function (...given) {
      if (this.canvas.isConnected) window.drawn.last = performance.now();
      return draw.apply(this, given);
    };
  };
  note(CanvasRenderingContext2D.prototype, "drawImage");
  note(ImageBitmapRenderingContext.prototype, "transferFromImageBitmap");
})()"""
# What of the first view has come, in ms since the page was asked for.
_COME = """() => {
  const of = (part) => performance.getEntriesByType("resource")
    .filter(({ name }) => part.test(name));
  const last = (all) => Math.max(0, ...all.map(({ responseEnd }) => responseEnd));
  const squares = of(/[/]map[/][0-9]+[/]/);
  return {
    squares: squares.length,
    page_ms: last(of(/assets/)),
    map_ms: last(of(/[/]map$/)),
    flakes_ms: last(of(/[/]map[/]flakes/)),
    squares_ms: last(squares),
    drawn_ms: window.drawn.last,
  };
}"""


def open_map(browser: Browser, url: str, place: str) -> dict[str, float]:
    """Open the map as a new visitor and wait until nothing more is drawn; when each part came."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(_NOTE_DRAWING)
    page = context.new_page()
    page.goto(f"{url}/{place}")
    end = time.monotonic() + _LATEST_S
    page.wait_for_selector(".map-count:has-text('of')", timeout=1000 * _LATEST_S)
    before, now = -1.0, 0.0
    # Whoever draws nothing for two seconds has drawn all.
    while before != now:
        assert time.monotonic() < end, "The map is not done."
        page.wait_for_timeout(2000)
        before, now = now, float(page.evaluate("window.drawn.last"))
    come = {name: round(value) for name, value in page.evaluate(_COME).items()}
    context.close()
    return come


def drag(page: Page) -> None:
    """In circles, as somebody who looks for something; lets go every second."""
    box = page.locator(".map-target").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    started = time.monotonic()
    for second in range(_MOVING_S):
        page.mouse.move(x, y)
        page.mouse.down()
        while (past := time.monotonic() - started) < second + 0.85:
            angle = 2 * math.pi * (past + second / _MOVING_S)
            page.mouse.move(x + 250 * math.sin(angle), y + 150 * (1 - math.cos(angle)))
            time.sleep(_STEP_S)
        page.mouse.up()
        time.sleep(max(second + 1 - (time.monotonic() - started), 0))


def zoom(page: Page) -> None:
    """Nearer for half of the time, and back."""
    box = page.locator(".map-target").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    started = time.monotonic()
    while (past := time.monotonic() - started) < _MOVING_S:
        page.mouse.wheel(0, -60 if past < _MOVING_S / 2 else 60)
        time.sleep(0.1)


def move(browser: Browser, url: str, place: str) -> dict[str, Any]:
    """Trace ten seconds of dragging, then of the wheel."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}/{place}")
    page.wait_for_selector(".map-count:has-text('of')", timeout=1000 * _LATEST_S)
    page.wait_for_timeout(5000)
    figures = {}
    for name, moving in {"drag": drag, "wheel": zoom}.items():
        browser.start_tracing(page=page, categories=CATEGORIES)
        moving(page)
        figures[name] = figures_of(browser.stop_tracing())
        page.wait_for_timeout(3000)
    page.close()
    return figures


def scan_in(data_dir: Path, tiles: int, flakes: int) -> int:
    """The number of the large scan, which is made where it is not there."""
    note = data_dir / f"page-speed-{tiles}-{flakes}"
    if note.is_file():
        return int(note.read_text())
    data_dir.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{data_dir / 'flakescope.db'}"
    migrate(database)
    migrate_jobs(database)
    engine = build_engine(database)
    blobs = FolderBlobStore(data_dir / "blobs")
    scan_id = fill(build_sessions(engine), blobs, tiles, flakes)
    engine.dispose()
    note.write_text(str(scan_id))
    return scan_id


def main(
    data_dir: Annotated[Path, typer.Argument(help="Data folder; filled where it is empty.")],
    out: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
    tiles: int = 10_000,
    flakes: int = 50_000,
) -> None:
    """Open and move a large map in a headless Chromium, and print the times."""
    scan_id = scan_in(data_dir, tiles, flakes)
    report: dict[str, Any] = {"tiles": tiles, "flakes": flakes}
    with running_service(Address("127.0.0.1", 0), data_dir) as (url, _), chromium() as browser:
        place = f"#/scans/{scan_id}/map?show=all"
        steps: dict[str, Callable[[], Any]] = {
            "machine": lambda: machine_of(browser),
            # The service draws a square once and keeps it.
            "first_view": lambda: open_map(browser, url, place),
            "second_visitor": lambda: open_map(browser, url, place),
            "whole_chip": lambda: move(browser, url, place),
            # As many outlines as the map draws: 5,000 with those just beside the view.
            "outlines": lambda: move(browser, url, f"{place}&x=9000&y=9000&r=10"),
        }
        for name, step in steps.items():
            report[name] = step()
            print(name, report[name], file=sys.stderr, flush=True)
    text = json.dumps(report, indent=1)
    print(text)
    if out is not None:
        out.write_text(text + "\n")


if __name__ == "__main__":
    typer.run(main)
