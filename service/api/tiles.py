"""Tiles come in, one image a call."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Query, Response

from service.api.call import note
from service.api.parts import PartsDep, SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.tile import NewTile, TileAdded, TilePage, TileState
from service.scans import listing, tiles
from service.scans.queueing import queue_tile

router = APIRouter(prefix="/v1/scans", tags=["scans"])


@dataclass(frozen=True, slots=True)
class AddTileCall:
    """What stands beside the body."""

    replace: bool = False
    prefer: Annotated[str, Header()] = ""


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": TileAdded, "description": "These bytes stood at this position already."},
    202: {"model": TileAdded, "description": "The tile is stored; a worker screens it."},
}

# RFC 7240: preferences are separated by commas, and have parameters behind semicolons.
_ASYNC = re.compile(r"(?:^|,)\s*respond-async\s*(?:;[^,]*)?(?=,|$)", re.IGNORECASE)


@router.post("/{scan_id}/tiles", status_code=201, responses=ANSWERS)
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
        return TileAdded.model_validate(stored)
    with parts.metrics.saving(parts.screener.screen_job) as screen:
        described = _described(new)
        added = tiles.add_tile(parts.stores, scan_id, described, screen=screen, replace=replace)
    note(tile_id=added.tile.id)
    response.status_code = 201 if added.created else 200
    return TileAdded.model_validate(added)


@router.get("/{scan_id}/tiles")
def list_tiles(
    scan_id: Id,
    sessions: SessionsDep,
    state: Annotated[TileState | None, Query(description="Only tiles in this state.")] = None,
    limit: int = 100,
    cursor: str | None = None,
) -> TilePage:
    """Tiles of a scan, in the order in which they came."""
    page = listing.list_tiles(sessions, scan_id, state=state, limit=limit, cursor=cursor)
    return TilePage.model_validate(page)


def _described(new: NewTile) -> tiles.NewTile:
    place = new.model_dump(exclude={"image", "name", "replace", "later"})
    name = new.name or base_name(new.image.filename or "") or None
    return tiles.NewTile(image=new.image.file.read(), name=name, **place)


def base_name(name: str) -> str:
    """The last part of a client's file name, of any system, without control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r"[\x00-\x1f\x7f]", "", last)[:255]
