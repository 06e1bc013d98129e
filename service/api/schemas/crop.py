"""How a flake's picture is wanted."""

from typing import Literal

from pydantic import Field

from service.api.schemas.base import Given


class CropQuery(Given):
    """How a flake is to be shown."""

    view: Literal["colour", "contrast"] = Field(
        "colour", description="Contrast: bare substrate is grey, 40 % of contrast black or white."
    )
    outline: bool = Field(False, description="Draw its outline.")
    margin: float = Field(
        0.25,
        description="What is shown around it, in shares of its longer side, 0 to 4; at least 16 px "
        "of the tile.",
    )
    size_px: int | None = Field(
        None,
        description="Longer side of the picture, 32 to 1024; otherwise as many pixels as the tile "
        "has there, at most 1024.",
        examples=[512],
    )
