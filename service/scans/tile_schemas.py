"""Schemas of tiles and of flakes."""

from datetime import datetime
from typing import Any, Literal

from fastapi import UploadFile
from pydantic import Field

from service.schemas import Given, Layers, Shown, example

Label = Literal["graphene", "not_graphene", "unsure"]

REVIEW: dict[str, Any] = {
    "id": 5,
    "label": "graphene",
    "layers": 1,
    "note": "clean, for the transfer",
    "reviewer": "local",
    "created_at": "2026-11-20T10:27:00Z",
}

FLAKE: dict[str, Any] = {
    "id": 17,
    "scan_id": 3,
    "tile_id": 42,
    "p_graphene": 0.97,
    "is_graphene": True,
    "threshold": 0.5,
    "model_version": "graphene-1",
    "layers": 1,
    "layers_source": "thin_film",
    "area_px": 1250,
    "area_um2": 184.7,
    "bbox_px": [310, 122, 50, 41],
    "centre_px": [335.2, 141.9],
    "polygon_px": [[310.0, 122.0], [360.0, 122.0], [345.5, 163.0]],
    "centre_um": [10234.5, -881.2],
    "polygon_um": [[10224.8, -889.0], [10244.0, -889.0], [10238.4, -873.2]],
    "contrast_rgb": [-0.137, -0.14, -0.071],
    "touches_border": False,
    "is_lost": False,
    "review": REVIEW,
}


class NewReview(Given):
    """A person's verdict."""

    model_config = example({"label": "graphene", "layers": 1, "note": "clean, for the transfer"})

    label: Label
    layers: int | None = Field(None, description="Layers that the person counted.")
    note: str | None = None


class Review(Shown):
    """A person's verdict on a flake."""

    model_config = example(REVIEW)

    id: int
    label: Label
    layers: int | None
    note: str | None
    reviewer: str
    created_at: datetime


class Flake(Shown):
    """A flake as its best tile shows it; graphene or not.

    Pixels: origin top left, x right, y down, a pixel's centre at its integers + 0.5.
    """

    model_config = example(FLAKE)

    id: int | None = Field(description="None in the answer to `POST /v1/screen`.")
    scan_id: int | None
    tile_id: int | None
    p_graphene: float = Field(description="Probability that this is graphene.")
    is_graphene: bool = Field(description="p_graphene >= threshold")
    threshold: float
    model_version: str
    layers: int | None = Field(description="None where the contrast fits no number of layers.")
    layers_source: str | None = Field(description="thin_film or substrate")
    area_px: int
    area_um2: float | None = Field(description="None where the scale is unknown.")
    bbox_px: tuple[int, int, int, int] = Field(description="x, y, width, height")
    centre_px: tuple[float, float]
    polygon_px: list[tuple[float, float]] = Field(description="Outer outline, not closed.")
    centre_um: tuple[float, float] | None = Field(description="Stage; None where unknown.")
    polygon_um: list[tuple[float, float]] | None
    contrast_rgb: tuple[float, float, float] = Field(description="pixel / background - 1")
    touches_border: bool
    is_lost: bool = Field(False, description="Kept for its review; no tile shows it any more.")
    review: Review | None

    @property
    def saved_id(self) -> int:
        """The id; only what `POST /v1/screen` finds has none."""
        assert self.id is not None, "the flake is not saved"
        return self.id

    @property
    def saved_tile_id(self) -> int:
        """The id of its best tile; only what `POST /v1/screen` finds has none."""
        assert self.tile_id is not None, "the flake is not saved"
        return self.tile_id


class FlakePage(Shown):
    """Some flakes, and how to get the next ones."""

    model_config = example(
        {
            "items": [FLAKE],
            "next_cursor": "WzE3LDE4NC43XQ",
            "total": 812,
            "total_is_exact": True,
        }
    )

    items: list[Flake] = Field(
        description="Up to `limit`; where filters leave few of very many flakes a page may be "
        "short, even empty, and not be the last."
    )
    next_cursor: str | None = Field(description="For `cursor`; None on the last page.")
    total: int = Field(description="How many match in all.")
    total_is_exact: bool = Field(
        description="False where so many were looked at that counting stopped: at least `total` "
        "match."
    )


class FlakeQuery(Given):
    """Query for flakes: which, and in which order."""

    graphene: bool | None = Field(None, description="The model's verdict.", examples=[True])
    min_area_um2: float | None = Field(None, examples=[100])
    max_area_um2: float | None = Field(None, examples=[5000])
    min_p: float | None = Field(None, examples=[0.8])
    layers: Layers = Field(
        default=[], description="Any of these: `1,2` or `layers=1&layers=2`.", examples=[[1, 2]]
    )
    reviewed: bool | None = Field(None, examples=[False])
    sort: str = Field(
        "-area_um2",
        description="id, area_um2, p_graphene or layers; '-' = largest first.",
        examples=["-p_graphene"],
    )
    limit: int = 100
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


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
    """Light of a tile: how it was lit."""

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
    # Whether it is new; the answer says that by its status.
    created: bool = Field(default=True, exclude=True)


class TilePage(Shown):
    """Some tiles of a scan, in the order in which they came."""

    model_config = example({"items": [TILE], "next_cursor": None})

    items: list[Tile]
    next_cursor: str | None
