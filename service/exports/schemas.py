"""Schemas of exports."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from service.exports.formats import NAMES
from service.schemas import Given, Layers

# A type checker takes no list that is read when it runs.
if TYPE_CHECKING:
    ExportFormat = str
else:
    ExportFormat = Literal[NAMES]


class ExportQuery(Given):
    """A query for an export: which flakes, in which order, and what some formats ask for."""

    graphene: bool | None = Field(
        None,
        description="The model's verdict. Left out, what counts as graphene is exported: by a "
        "person's verdict where there is one, else by the model's.",
    )
    everything: bool = Field(False, description="Also what does not count as graphene.")
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
    version: str = Field("2", description="pos: Micro-Manager's, `2` or `1.4`.")
    xy_stage: str = Field("XYStage", description="pos: name of the stage in Micro-Manager.")
    z_stage: str = Field("ZStage", description="pos: name of the focus drive in Micro-Manager.")
    encoding: str = Field("json", alias="as", description="useq: `json` or `yaml`.")
    masks: str = Field("rle", description="coco: `rle` (every pixel) or `polygons` (outlines).")
    mark: list[str] = Field(
        default=[],
        description="gds: a mark as `x,y,X,Y` in um, on the stage and in the design. Two or more "
        "turn the outlines into the design's coordinates: two by a similarity, more by an affine "
        "transform (least squares).",
        examples=[["10250.5,-881.2,0,0", "12250.5,-880.1,2000,0"]],
    )
    mirrored: bool = Field(
        False, description="gds: with two marks, the design is mirrored against the stage."
    )
