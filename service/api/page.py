"""The page for people: files that were built from `web/`, on the API's own address."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import service

# Made by `make web`; part of the wheel where it was there when that was built.
BUILT = Path(service.__file__).parent / "page"

ASSETS = "/assets"

# Addresses are relative: a proxy may show the service under a prefix.
_NOT_BUILT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flakescope</title>
</head>
<body>
<h1>Flakescope</h1>
<p>The service runs, but its page was not built. In a checkout, <code>make web</code> builds it;
start the service again afterwards.</p>
<p><a href="docs">The API</a> works without it.</p>
</body>
</html>
"""


class _Assets(StaticFiles):
    """Files whose names change with their contents: nobody need ask for one twice."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def add_page(app: FastAPI, folder: Path = BUILT) -> None:
    """Serve the page at `/`; where it was not built, say so there."""
    start = folder / "index.html"
    if not start.is_file():
        app.add_api_route("/", _say_not_built, include_in_schema=False)
        return

    def show_page() -> FileResponse:
        """Where the page begins; it names the files of this version, so it is asked for anew."""
        return FileResponse(start, headers={"Cache-Control": "no-cache"})

    app.add_api_route("/", show_page, include_in_schema=False)
    app.mount(ASSETS, _Assets(directory=folder / "assets"), name="page")


def _say_not_built() -> HTMLResponse:
    return HTMLResponse(_NOT_BUILT, headers={"Cache-Control": "no-cache"})
