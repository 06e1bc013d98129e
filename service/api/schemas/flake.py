"""Flakes and their reviews."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from service.api.schemas.base import Given, Layers, Shown, example

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
    """Which flakes, in which order."""

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
