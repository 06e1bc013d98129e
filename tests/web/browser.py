"""A page in a real Chromium, and everything that went wrong in it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

ROOT = Path(__file__).parents[2]
_AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

# Light and dark, at a laptop's width and at a projector's.
WIDTHS = (1440, 1024)
SCHEMES = ("light", "dark")


@dataclass
class Looking:
    """A page of the service, in the browser.

    Attributes
    ----------
    page : Page
        Playwright's; addresses are `address` and a hash.
    expected : set of int
        Statuses that a test provokes: an answer with one is no fault.
    faults : list of str
        Errors of the console, calls without an answer, answers that are problems.
    """

    page: Page
    address: str
    expected: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note from now on what goes wrong."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("response", self._note_answer)

    def open(self, hash_: str = "") -> Page:
        """Go to a place of the page, `#/scans`, as a visitor who types the address."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/{hash_}")
        self.page.locator("main h1").first.wait_for(state="attached")
        return self.page

    def listen(self) -> Page:
        """Wait until the page hears what happens: an earlier event would be lost on it."""
        expect(self.page.locator("html")).to_have_attribute("data-events", "open")
        return self.page

    def serious_findings(self) -> list[str]:
        """What axe calls serious or critical on the page as it is now."""
        # As a part of the call: the security headers allow no script from elsewhere.
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']} ({one['impact']}): {json.dumps([n['html'][:200] for n in one['nodes']])}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # An answer with a problem is told twice; `_note_answer` knows its status.
        if "Failed to load resource: the server responded" not in message.text:
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_failure(self, request: Request) -> None:
        # The page itself ends streams, and pictures that nobody looks at any more.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.method} {request.url}: {request.failure}")

    def _note_answer(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")
