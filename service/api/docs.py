"""The API's interactive page, without anything from outside: a microscope PC may be offline."""

from importlib.resources import as_file, files

from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

ASSETS = "/docs/assets"

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
        app.mount(ASSETS, StaticFiles(directory=folder), name="docs")
    app.include_router(router)


@router.get("/docs")
def show_docs() -> HTMLResponse:
    """Page that lists every call and tries it out; Authorize takes the token."""
    return HTMLResponse(_PAGE)


@router.get("/docs/start.js")
def start_docs() -> Response:
    """What starts that page."""
    return Response(_START, media_type="text/javascript")
