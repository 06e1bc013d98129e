"""One tile and its pictures, and what a browser may keep of pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from service.api.parts import DeskDep, SessionsDep
from service.api.schemas.base import Id
from service.api.schemas.tile import Tile
from service.scans import listing, pictures

router = APIRouter(prefix="/v1/tiles", tags=["scans"])

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


@router.get("/{tile_id}")
def get_tile(tile_id: Id, sessions: SessionsDep) -> Tile:
    """One tile: where it lies, what it is called, whether it was screened."""
    return Tile.model_validate(listing.tile_of(sessions, tile_id))


@router.get("/{tile_id}/image", response_class=Response, responses=_ANSWERS)
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
    """The tile's image byte for byte as it came, or a smaller JPEG of it."""
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
    """Whether one of the ETags that the caller has is this one."""
    names = (if_none_match or "").split(",")
    return any(name.strip().removeprefix("W/") in (f'"{etag}"', "*") for name in names)
