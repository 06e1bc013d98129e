"""Routes of scans and their tiles: open, list, look at, change, delete, send tiles."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Query, Response

from service.calibration.scan_optics import scan_optics
from service.calibration.schemas import ScanOptics
from service.chip_map import pictures
from service.http.call import note
from service.http.parts import DeskDep, Parts, PartsDep, SessionsDep
from service.http.roles import ADMIN, CallerDep
from service.scans import restating, runs, scans, tile_list, tiles
from service.scans.queue import queue_tile
from service.scans.schemas import NewScan, Rescreen, Scan, ScanChanges, ScanPage
from service.scans.tile_schemas import NewTile, Tile, TileAdded, TilePage, TileState
from service.schemas import Id
from service.training.labelled import delete_scan_keeping_labels
from service.training.schemas import KeptLabels

router = APIRouter(prefix="/v1/scans", tags=["scans"])

KeepLabels = Annotated[
    bool, Query(description="Keep what people were sure of as a data set for trainings.")
]


@router.post("", status_code=201)
def create_scan(new: NewScan, sessions: SessionsDep) -> Scan:
    """Open a scan; tiles are then posted to it."""
    return scans.create_scan(sessions, new)


@router.get("")
def list_scans(
    sessions: SessionsDep, limit: int = 50, cursor: str | None = None, source: str | None = None
) -> ScanPage:
    """List scans, newest first; all, or those of a source."""
    return scans.list_scans(sessions, limit=limit, cursor=cursor, source=source)


@router.get("/{scan_id}")
def get_scan(scan_id: Id, sessions: SessionsDep) -> Scan:
    """Get one scan and its progress."""
    return scans.get_scan(sessions, scan_id)


@router.patch("/{scan_id}")
def change_scan(scan_id: Id, changes: ScanChanges, parts: PartsDep) -> Scan:
    """Change what is known of a scan.

    With another scale a worker screens every tile again, with another orientation it places and
    merges every flake again; reviews are kept. All else counts on tiles that are done when they
    are screened again, at once with `rescreen`.
    """
    said = changes.model_dump(exclude_unset=True, exclude={"rescreen"})
    stores, queue = parts.stores, parts.queue
    return restating.change_scan(stores, queue, scan_id, said, rescreen=changes.rescreen)


@router.get("/{scan_id}/optics")
def get_scan_optics(scan_id: Id, sessions: SessionsDep) -> ScanOptics:
    """Get what a scan tells of itself: the oxide by its flakes, tiles under another light."""
    return scan_optics(sessions, scan_id)


@router.post("/{scan_id}/cancel")
def cancel_scan(scan_id: Id, parts: PartsDep) -> Scan:
    """Stop bringing in and screening a scan; what was found stays."""
    return _cancel(parts, scan_id)


@router.post("/{scan_id}/rescreen", status_code=202)
def rescreen_scan(scan_id: Id, parts: PartsDep, what: Rescreen | None = None) -> Scan:
    """Screen every tile of a scan again, or those that are missing; reviews are kept."""
    wanted = {} if what is None else what.model_dump()
    return runs.rescreen(parts.stores.sessions, parts.queue, scan_id, **wanted)


@router.delete(
    "/{scan_id}",
    status_code=204,
    response_model=None,
    dependencies=[ADMIN],
    responses={200: {"model": KeptLabels, "description": "Deleted; with `keep_labels`."}},
)
def delete_scan(
    scan_id: Id, parts: PartsDep, caller: CallerDep, keep_labels: KeepLabels = False
) -> Response:
    """Remove a scan with its tiles, flakes and reviews; what waits of it is cancelled.

    With `keep_labels` what people were sure of becomes a data set first, with the tiles that show
    it; later trainings learn from it as from reviews.
    """
    _cancel(parts, scan_id)
    if not keep_labels:
        scans.delete_scan(parts.stores.sessions, parts.stores.blobs, scan_id)
        return Response(status_code=204)
    path = parts.intake.new_archive()
    try:
        kept = delete_scan_keeping_labels(parts.stores, scan_id, path, caller.name)
    finally:
        parts.intake.discard(path)
    body = KeptLabels(dataset=kept)
    return Response(body.model_dump_json(), media_type="application/json")


def _cancel(parts: Parts, scan_id: int) -> Scan:
    stores, discard = parts.stores, parts.intake.discard
    return runs.cancel_scan(stores.sessions, parts.queue, scan_id, discard=discard)


tiles_router = APIRouter(prefix="/v1/scans", tags=["scans"])


@dataclass(frozen=True, slots=True)
class AddTileCall:
    """The parameters of an add-tile call that stand beside its body."""

    replace: bool = False
    prefer: Annotated[str, Header()] = ""


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": TileAdded, "description": "These bytes stood at this position already."},
    202: {"model": TileAdded, "description": "The tile is stored; a worker screens it."},
}

# RFC 7240: preferences are separated by commas, and have parameters behind semicolons.
_ASYNC = re.compile(r"(?:^|,)\s*respond-async\s*(?:;[^,]*)?(?=,|$)", re.IGNORECASE)


@tiles_router.post("/{scan_id}/tiles", status_code=201, responses=ANSWERS)
def add_tile(
    scan_id: Id,
    new: Annotated[NewTile, Form(media_type="multipart/form-data")],
    parts: PartsDep,
    response: Response,
    call: Annotated[AddTileCall, Depends()],
) -> TileAdded:
    """Screen a tile and save it with its flakes, all or nothing.

    Without row, column and stage position a tile is known by its name. `replace` may stand in
    the query or in the form. With `Prefer: respond-async` the tile is only stored, and the answer
    is 202; a worker then screens it before all scans.
    """
    replace = call.replace or new.replace
    if _ASYNC.search(call.prefer):
        response.headers["Preference-Applied"] = "respond-async"
        queue = None if new.later else parts.queue
        stored = queue_tile(parts.stores, queue, scan_id, _described(new), replace=replace)
        response.status_code = 202 if stored.created else 200
        note(tile_id=stored.tile.id)
        return stored
    with parts.metrics.saving(parts.screener.screen_job) as screen:
        described = _described(new)
        added = tiles.add_tile(parts.stores, scan_id, described, screen=screen, replace=replace)
    note(tile_id=added.tile.id)
    response.status_code = 201 if added.created else 200
    return added


@tiles_router.get("/{scan_id}/tiles")
def list_tiles(
    scan_id: Id,
    sessions: SessionsDep,
    state: Annotated[TileState | None, Query(description="Only tiles in this state.")] = None,
    limit: int = 100,
    cursor: str | None = None,
) -> TilePage:
    """Tiles of a scan, in the order in which they came."""
    return tile_list.list_tiles(sessions, scan_id, state=state, limit=limit, cursor=cursor)


def _described(new: NewTile) -> tiles.NewTile:
    place = new.model_dump(exclude={"image", "name", "replace", "later"})
    name = new.name or base_name(new.image.filename or "") or None
    return tiles.NewTile(image=new.image.file.read(), name=name, **place)


def base_name(name: str) -> str:
    """Take the last part of a client's file name, of any system, without control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r"[\x00-\x1f\x7f]", "", last)[:255]


pictures_router = APIRouter(prefix="/v1/tiles", tags=["scans"])

# So long a picture is shown without asking whether it is still the same.
_KEPT_S = 24 * 3600

IfNoneMatch = Annotated[str | None, Header(description="The ETag of what is there already.")]

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {} for kind in ("image/jpeg", "image/png", "image/tiff", "image/bmp")},
        "description": "The image",
    },
    304: {"description": "It is what `If-None-Match` names."},
}


@pictures_router.get("/{tile_id}")
def get_tile(tile_id: Id, sessions: SessionsDep) -> Tile:
    """Get one tile: where it lies, what it is called, whether it was screened."""
    return tile_list.tile_of(sessions, tile_id)


@pictures_router.get("/{tile_id}/image", response_class=Response, responses=_ANSWERS)
def get_image(
    tile_id: Id,
    desk: DeskDep,
    max_px: Annotated[
        int | None,
        Query(
            ge=pictures.LEAST_PX,
            le=pictures.MOST_PX,
            description="A JPEG whose longest side is no longer; never enlarged.",
        ),
    ] = None,
    v: Annotated[
        str | None, Query(description="The tile's sha256: then a browser may keep the image.")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Get the tile's image byte for byte as it came, or a smaller JPEG of it."""
    which = pictures.find_image(desk.stores.sessions, tile_id)
    etag = which.sha256 if max_px is None else f"{which.sha256}-{max_px}"
    headers = keeping(etag, is_current=v == which.sha256)
    if is_there(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    if max_px is None:
        content = desk.stores.blobs.get(which.sha256)
        return Response(content, media_type=which.media_type, headers=headers)
    return Response(
        pictures.smaller(desk, which.sha256, max_px), media_type="image/jpeg", headers=headers
    )


def keeping(etag: str, *, is_current: bool) -> dict[str, str]:
    """Headers of a picture: kept for a day where the address names its version, else asked for."""
    kept = f"private, max-age={_KEPT_S}, immutable" if is_current else "private, no-cache"
    return {"ETag": f'"{etag}"', "Cache-Control": kept}


def is_there(etag: str, if_none_match: str | None) -> bool:
    """Tell whether this ETag is among those that the caller has."""
    names = (if_none_match or "").split(",")
    return any(name.strip().removeprefix("W/") in (f'"{etag}"', "*") for name in names)
