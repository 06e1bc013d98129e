"""The API's interactive page, without anything from outside: a microscope PC may be offline."""

from importlib.resources import as_file, files

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

ASSETS = "/docs/assets"


def add_docs(app: FastAPI) -> None:
    """Serve `/docs`; the page's script and style come from an installed package."""
    with as_file(files("fastapi_offline") / "static") as folder:
        app.mount(ASSETS, StaticFiles(directory=folder), name="docs")
    app.include_router(router)


@router.get("/")
def show_start() -> RedirectResponse:
    """Send a browser to the page that lists every call."""
    return RedirectResponse("/docs")


@router.get("/docs")
def show_docs(request: Request) -> HTMLResponse:
    """Page that lists every call and tries it out."""
    return get_swagger_ui_html(
        title="Flakescope",
        openapi_url=str(request.app.openapi_url),
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
    )
