"""Tiles."""

from datetime import datetime
from typing import Any, Literal

from fastapi import UploadFile
from pydantic import Field

from service.api.schemas.base import Given, Shown, example
from service.api.schemas.flake import FLAKE, Flake

TILE: dict[str, Any] = {
    "id": 42,
    "scan_id": 3,
    "name": "tile_002_005.png",
    "row": 2,
    "col": 5,
    "stage_x_um": 10202.0,
    "stage_y_um": -910.5,
    "stage_z_um": None,
    "corrected_x_um": None,
    "corrected_y_um": None,
    "um_per_px": 0.3844,
    "width_px": 1920,
    "height_px": 1200,
    "sha256": "9f2feb0f1ef425b292f2f94bc8482494df430413b1fcd26b3a5b4f9ed1b7a6d8",
    "media_type": "image/png",
    "state": "screened",
    "model_version": "graphene-1",
    "light": {
        "background_rgb": [0.47, 0.41, 0.44],
        "noise_rgb": [0.012, 0.011, 0.015],
        "bare_fraction": 0.91,
        "focus": 0.32,
    },
    "warnings": [],
    "error": None,
    "created_at": "2026-11-20T10:21:00Z",
    "screened_at": "2026-11-20T10:21:01Z",
}


class NewTile(Given):
    """An image and where it was taken; unknown is left out, never 0."""

    model_config = example(
        {
            "image": "the bytes of tile_002_005.png",
            "row": 2,
            "col": 5,
            "stage_x_um": 10202.0,
            "stage_y_um": -910.5,
        }
    )

    image: UploadFile = Field(description="PNG, JPEG, TIFF, OME-TIFF or BMP.")
    row: int | None = None
    col: int | None = None
    name: str | None = Field(None, description="The file's name if left out.")
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    um_per_px: float | None = Field(None, description="The scan's if left out.")
    replace: bool = Field(False, description="Other bytes at this position give way.")
    later: bool = Field(
        False,
        description="Only with `Prefer: respond-async`: the tile waits until the scan is screened "
        "with `POST /v1/scans/{id}/rescreen`.",
    )


TileState = Literal["queued", "screened", "failed"]


class Light(Shown):
    """How a tile was lit."""

    background_rgb: tuple[float, float, float]
    noise_rgb: tuple[float, float, float]
    bare_fraction: float
    focus: float


class Tile(Shown):
    """A tile of a scan."""

    model_config = example(TILE)

    id: int
    scan_id: int
    name: str | None
    row: int | None
    col: int | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    corrected_x_um: float | None = Field(description="By its neighbours' images.")
    corrected_y_um: float | None
    um_per_px: float | None
    width_px: int | None
    height_px: int | None
    sha256: str
    media_type: str
    state: TileState
    model_version: str | None
    light: Light | None
    warnings: list[str]
    error: str | None
    created_at: datetime
    screened_at: datetime | None


class TileAdded(Shown):
    """A tile and every flake on it."""

    model_config = example({"tile": TILE, "flakes": [FLAKE]})

    tile: Tile
    flakes: list[Flake]


class TilePage(Shown):
    """Some tiles of a scan, in the order in which they came."""

    model_config = example({"items": [TILE], "next_cursor": None})

    items: list[Tile]
    next_cursor: str | None
