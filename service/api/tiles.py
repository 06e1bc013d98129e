"""Tiles come in, one image a call."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from service.api.parts import PartsDep
from service.api.schemas.base import Id
from service.api.schemas.tile import NewTile, TileAdded
from service.scans import tiles

router = APIRouter(prefix="/v1/scans", tags=["scans"])

AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": TileAdded, "description": "These bytes stood at this position already."},
}


@router.post("/{scan_id}/tiles", status_code=201, responses=AGAIN)
def add_tile(
    scan_id: Id,
    new: Annotated[NewTile, Form(media_type="multipart/form-data")],
    parts: PartsDep,
    response: Response,
    replace: bool = False,
) -> TileAdded:
    """Screen a tile and save it with its flakes, all or nothing.

    Without row, column and stage position a tile is known by its name. `replace` may stand in
    the query or in the form. `Prefer: respond-async` is not applied: the answer is always whole.
    """
    added = tiles.add_tile(
        parts.stores,
        scan_id,
        _described(new),
        screen=parts.screener.screen_job,
        replace=replace or new.replace,
    )
    response.status_code = 201 if added.created else 200
    return TileAdded.model_validate(added)


def _described(new: NewTile) -> tiles.NewTile:
    place = new.model_dump(exclude={"image", "name", "replace"})
    name = new.name or base_name(new.image.filename or "") or None
    return tiles.NewTile(image=new.image.file.read(), name=name, **place)


def base_name(name: str) -> str:
    """The last part of a client's file name, of any system, without control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r"[\x00-\x1f\x7f]", "", last)[:255]
