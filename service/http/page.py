"""Serve the page built from `web/`, the API's interactive page, and the OpenAPI document."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import service
from service.http.problems import MEDIA_TYPE, Problem

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
        """Serve the page's start; it names the files of this version, so it is asked for anew."""
        return FileResponse(start, headers={"Cache-Control": "no-cache"})

    app.add_api_route("/", show_page, include_in_schema=False)
    app.mount(ASSETS, _Assets(directory=folder / "assets"), name="page")


def _say_not_built() -> HTMLResponse:
    return HTMLResponse(_NOT_BUILT, headers={"Cache-Control": "no-cache"})


router = APIRouter(include_in_schema=False)

DOCS_ASSETS = "/docs/assets"

# Addresses are relative: a proxy may show the service under a prefix.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flakescope API</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="icon" href="docs/assets/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

# In a file of its own: the security headers allow no script inside a page.
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
});
"""


def add_docs(app: FastAPI) -> None:
    """Serve `/docs`; the page's script and style come from an installed package."""
    with as_file(files("fastapi_offline") / "static") as folder:
        app.mount(DOCS_ASSETS, StaticFiles(directory=folder), name="docs")
    app.include_router(router)


@router.get("/docs")
def show_docs() -> HTMLResponse:
    """Page that lists every call and tries it out; Authorize takes the token."""
    return HTMLResponse(_PAGE)


@router.get("/docs/start.js")
def start_docs() -> Response:
    """Serve the script that starts that page."""
    return Response(_START, media_type="text/javascript")


_REFERENCE = "#/components/schemas/{model}"
_VALIDATION = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> dict[str, Any]:
    """Build the OpenAPI document of an app, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _describe_problems(document)
        app.openapi_schema = document
    return app.openapi_schema


def _describe_problems(document: dict[str, Any]) -> None:
    # FastAPI describes its own validation errors, which never leave this service.
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template=_REFERENCE)
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for name in _VALIDATION:
        schemas.pop(name, None)
    for path in document["paths"].values():
        for call in path.values():
            answers = call["responses"]
            answers.pop("422", None)
            answers["default"] = {
                "description": "What was wrong with this request, or with the service now.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
            }
