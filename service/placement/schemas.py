"""Schemas of placement: how images and positions agree, and positions that come afterwards."""

from typing import Literal

from fastapi import UploadFile
from pydantic import Field

from service.schemas import Given, Shown, example


class BetterPlacement(Shown):
    """With what images and positions would agree; `affine` takes the place of flips and swap."""

    flip_x: bool
    flip_y: bool
    swap_xy: bool
    um_per_px: float
    affine: tuple[float, ...] | None
    share: float = Field(description="Of the measured pairs, those that then agree.")


class Placement(Shown):
    """Agreement of neighbouring images where their positions say that they overlap."""

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
            "in the median; with y mirrored 97% of them would agree.",
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


class Positions(Given):
    """A list of positions, a scale, or both."""

    model_config = example({"match": "name", "um_per_px": 0.3844, "replace": False})

    file: UploadFile | None = Field(
        None,
        description="CSV (`name,stage_x_um,stage_y_um`), Micro-Manager .pos, useq-schema or "
        "NIS-Elements XML.",
    )
    match: Literal["name", "grid", "order"] = Field(
        "name",
        description="How places find their tiles: by label, by row and column, or one by one in "
        "the natural order of the tiles' names.",
    )
    um_per_px: float | None = Field(None, description="Scale of the tiles, where it is unknown.")
    replace: bool = Field(False, description="Other positions that are known give way.")


class Tied(Shown):
    """Result of tying a scan; a worker then places and merges its flakes anew."""

    model_config = example(
        {
            "format": "Micro-Manager position list (version 2)",
            "positions": 6,
            "matched": 6,
            "tiles": 6,
            "unmatched_positions": [],
            "unmatched_tiles": [],
            "state": "queued",
            "notes": [],
        }
    )

    format: str | None = Field(description="As what the list was read.")
    positions: int = Field(description="How many the list holds.")
    matched: int = Field(description="How many tiles have their position from it now.")
    tiles: int = Field(description="How many tiles the scan has.")
    unmatched_positions: list[str] = Field(description="The first that name no tile.")
    unmatched_tiles: list[str] = Field(description="The first that the list does not name.")
    state: str = Field(description="Of the scan: `done` when every flake has its place.")
    notes: list[str]
