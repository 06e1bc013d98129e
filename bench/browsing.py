"""A headless Chromium that looks at a service of its own, and what machine it runs on."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from playwright.sync_api import Browser, sync_playwright

# Without these Chromium needs rights and a screen that a server does not have.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """$FLAKESCOPE_CHROMIUM, or the system's."""
    given = os.environ.get("FLAKESCOPE_CHROMIUM")
    path = given or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        raise typer.BadParameter("No Chromium: install it, or set FLAKESCOPE_CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


def machine_of(browser: Browser) -> dict[str, Any]:
    """What figures depend on; `load` = processes that wanted a core within the last minute."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "chromium": browser.version,
        "drawing": "by the processor, without a GPU",
    }
