"""Schemas of the chip map and its flakes."""

from typing import Literal

from pydantic import Field, field_validator

from service.scans.tile_schemas import Label
from service.schemas import Given, Layers, Shown, example


class ChipMap(Shown):
    """A scan's map. Lengths are in `unit`; `extent` and `origin` are the stage's where um."""

    model_config = example(
        {
            "scan_id": 3,
            "revision": "17",
            "laid_out": "stage",
            "unit": "um",
            "extent": [-120.5, -3400.0, 9800.2, 4100.7],
            "y_axis": "down",
            "camera_turn_deg": 0,
            "um_per_px": 0.3844,
            "tiles": 812,
            "tiles_without_place": 0,
            "tiles_without_picture": 0,
            "square_px": 256,
            "origin": [-1612303.0, -1612303.0],
            "resolutions": [1.5376, 0.7688, 0.3844],
            "min_zoom": 0,
            "max_zoom": 2,
        }
    )

    scan_id: int
    revision: str = Field(description="Another one where tiles, positions or pictures changed.")
    laid_out: Literal["stage", "grid"] = Field(
        description="grid: no place on the stage is known; side by side by rows and columns, or "
        "as they came."
    )
    unit: Literal["um", "px"]
    extent: tuple[float, float, float, float] | None = Field(
        description="min x, min y, max x, max y; None while there is nothing to show."
    )
    y_axis: Literal["up", "down"] = Field(
        description="Where the stage's y grows on the pictures, so that no image is mirrored."
    )
    camera_turn_deg: int = Field(
        description="Turned clockwise by 0, 90, 180 or 270, the map stands as the camera sees it."
    )
    um_per_px: float | None
    tiles: int = Field(description="That are shown.")
    tiles_without_place: int = Field(description="Screened, but their place is not known.")
    tiles_without_picture: int = Field(
        description="Shown by their colour only, until their small pictures are made."
    )
    square_px: int
    origin: tuple[float, float] | None = Field(description="Top left of the squares (z, 0, 0).")
    resolutions: list[float] = Field(description="Unit per pixel by zoom, coarse to fine.")
    min_zoom: int = Field(description="The finest at which all fits into the side of a square.")
    max_zoom: int


class MapFlakes(Shown):
    """Flakes in columns of equal length; x, y and outlines are in the map's unit."""

    model_config = example(
        {
            "unit": "um",
            "total": 2,
            "is_complete": True,
            "most_flakes": 100000,
            "most_outlines": 5000,
            "id": [17, 18],
            "x": [10234.5, 881.25],
            "y": [-881.2, 12.0],
            "area_um2": [184.7, 22.05],
            "area_px": [1250, 149],
            "p_graphene": [0.97, 0.02],
            "is_graphene": [True, False],
            "layers": [1, None],
            "label": ["graphene", None],
            "polygon": None,
        }
    )

    unit: Literal["um", "px"]
    total: int = Field(description="How many match whose place is known.")
    is_complete: bool = Field(description="False: more than `most_flakes`; the largest are given.")
    most_flakes: int
    most_outlines: int
    id: list[int]
    x: list[float]
    y: list[float]
    area_um2: list[float | None]
    area_px: list[int] = Field(description="Orders flakes where no scale is known.")
    p_graphene: list[float]
    is_graphene: list[bool]
    layers: list[int | None]
    label: list[Label | None] = Field(description="The latest review that counts.")
    polygon: list[list[list[float]] | None] | None = Field(
        description="None unless `outlines` was asked for and at most `most_outlines` match."
    )


class MapFlakeQuery(Given):
    """A query for flakes of a map."""

    bbox: str | None = Field(
        None,
        description="min x, min y, max x, max y of the box in which the centre lies.",
        examples=["-120.5,-3400,9800.2,4100.7"],
    )
    graphene: bool | None = Field(None, description="The model's verdict.", examples=[True])
    min_area_um2: float | None = Field(None, examples=[100])
    max_area_um2: float | None = Field(None, examples=[5000])
    min_p: float | None = Field(None, examples=[0.8])
    layers: Layers = Field(
        default=[], description="Any of these: `1,2` or `layers=1&layers=2`.", examples=[[1, 2]]
    )
    reviewed: bool | None = Field(None, examples=[False])
    outlines: bool = False
    tolerance: float = Field(
        0.0,
        ge=0,
        le=1e6,
        description="How far a simpler outline may lie beside the stored one.",
        examples=[0.8],
    )

    @field_validator("bbox")
    @classmethod
    def _is_box(cls, value: str | None) -> str | None:
        if value is not None:
            numbers = [float(part) for part in value.split(",")]
            if len(numbers) != 4 or not all(abs(number) < 1e12 for number in numbers):
                raise ValueError("must be four numbers, separated by commas")
        return value

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The numbers of `bbox`."""
        if self.bbox is None:
            return None
        left, low, right, high = (float(part) for part in self.bbox.split(","))
        return left, low, right, high
