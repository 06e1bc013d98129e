"""How a scan's images and positions agree."""

from typing import Literal

from pydantic import Field

from service.api.schemas.base import Given, Shown, example


class BetterPlacement(Shown):
    """With what images and positions would agree; `affine` takes the place of flips and swap."""

    flip_x: bool
    flip_y: bool
    swap_xy: bool
    um_per_px: float
    affine: tuple[float, ...] | None
    share: float = Field(description="Of the measured pairs, those that then agree.")


class Placement(Shown):
    """Whether neighbouring images show the same where their positions say that they overlap."""

    model_config = example(
        {
            "positions": "stated",
            "verdict": "contradict",
            "compared": 40,
            "measured": 37,
            "share": 0.0,
            "offset_um": 464.4,
            "offset_px": 1208.2,
            "better": {
                "flip_x": False,
                "flip_y": True,
                "swap_xy": False,
                "um_per_px": 0.3844,
                "affine": None,
                "share": 0.97,
            },
            "warning": "The images contradict the positions: neighbours lie 464.4 um (1208 px) off "
            "in the median; with flip_x=false, flip_y=true, swap_xy=false 97% of them would agree.",
        }
    )

    positions: Literal["stated", "corrected"] = Field(description="Which ones were compared.")
    verdict: Literal["agree", "contradict", "unknown"] = Field(
        description="unknown: too few neighbours show enough of the same."
    )
    compared: int = Field(description="Pairs of neighbours, a sample of all.")
    measured: int = Field(description="Those whose images show how they lie.")
    share: float | None = Field(description="Of the measured ones, those that agree.")
    offset_um: float | None = Field(description="Median distance of image and position.")
    offset_px: float | None
    better: BetterPlacement | None
    warning: str | None


class PlaceBy(Given):
    """By which positions a scan's flakes shall lie; an orientation that is left out stays."""

    model_config = example({"positions": "corrected"})

    positions: Literal["stated", "corrected"]
    flip_x: bool = False
    flip_y: bool = False
    swap_xy: bool = False
    affine: tuple[float, ...] | None = None
    position_reference: Literal["centre", "top_left"] = "centre"
