"""The chip map of a scan: what it shows, its squares, its flakes."""

import zlib
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from service.api.scans import IfNoneMatch, is_there, keeping
from service.chip_map import chip_map, flakes
from service.chip_map.schemas import ChipMap, MapFlakeQuery, MapFlakes
from service.db.queries.flakes import FlakeFilter
from service.http.parts import DeskDep
from service.schemas import Id

router = APIRouter(prefix="/v1/scans/{scan_id}/map", tags=["map"])

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/jpeg": {}, "image/webp": {}},
        "description": "JPEG, or WebP with transparency where no tile lies",
    },
    304: {"description": "It is what `If-None-Match` names."},
}

# A map of ten metres in pixels of a nanometre: beyond, nothing can lie.
Index = Annotated[int, Path(ge=0, le=2**34)]


@dataclass(frozen=True, slots=True)
class Known:
    """A caller's cache state: the map revision and the ETags of the picture that it asks for."""

    v: Annotated[
        str | None, Query(description="`revision` of the map: then a browser may keep the picture.")
    ] = None
    if_none_match: IfNoneMatch = None


KnownDep = Annotated[Known, Depends()]


@router.get("")
def get_map(scan_id: Id, desk: DeskDep) -> ChipMap:
    """Describe the map of a scan: what it shows, and how its squares are asked for."""
    return chip_map.map_of_scan(desk.stores.sessions, desk.shelves, scan_id)


@router.get("/overview", response_class=Response, responses=_PICTURE)
def get_overview(
    scan_id: Id,
    desk: DeskDep,
    known: KnownDep,
    max_px: Annotated[int, Query(ge=64, le=1024)] = 256,
    grown: Annotated[
        str | None, Query(description="Ignored: another address for a scan that has grown since.")
    ] = None,
) -> Response:
    """Draw the whole map in one picture."""
    del grown
    return _answer(chip_map.draw_overview(desk, scan_id, max_px, known.v), known)


@router.get(
    "/flakes",
    response_class=Response,
    responses={200: {"model": MapFlakes, "description": "Flakes in columns"}},
)
def list_map_flakes(
    scan_id: Id,
    which: Annotated[MapFlakeQuery, Query()],
    desk: DeskDep,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Flakes of a scan that match and lie in a box of its map, all in one compact answer."""
    outlines = flakes.Outlines(which.outlines, which.tolerance)
    wanted = which.model_dump(exclude={"bbox", "outlines", "tolerance"})
    asked = FlakeFilter(scan_id=scan_id, **(wanted | {"layers": tuple(which.layers)}))
    found = flakes.flakes_of_map(desk.stores.sessions, desk.shelves, asked, which.box, outlines)
    return _compact(found.model_dump_json().encode(), accept_encoding)


@router.get("/{zoom}/{x}/{y}", response_class=Response, responses=_PICTURE)
def get_square(
    scan_id: Id,
    zoom: Annotated[int, Path(ge=0, le=64)],
    x: Index,
    y: Index,
    desk: DeskDep,
    known: KnownDep,
) -> Response:
    """Draw a square of 256 px of the map; transparent where no tile lies."""
    return _answer(chip_map.draw_square(desk, scan_id, (zoom, x, y), known.v), known)


def _answer(made: chip_map.MapPicture, known: Known) -> Response:
    drawn = made.drawn
    if not drawn.is_final:
        return Response(
            drawn.picture.content,
            media_type=drawn.picture.media_type,
            headers={"Cache-Control": "no-store"},
        )
    headers = keeping(drawn.etag, is_current=made.is_current)
    if is_there(drawn.etag, known.if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(drawn.picture.content, media_type=drawn.picture.media_type, headers=headers)


def _compact(content: bytes, accept_encoding: str) -> Response:
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in accept_encoding:
        # The fastest level: half of the bytes in a fiftieth of a second.
        packing = zlib.compressobj(1, zlib.DEFLATED, 31)
        content = packing.compress(content) + packing.flush()
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="application/json", headers=headers)
