"""Positions that a scan gets afterwards."""

from typing import Literal

from fastapi import UploadFile
from pydantic import Field

from service.api.schemas.base import Given, Shown, example


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
    """How a scan was tied; a worker then places and merges its flakes anew."""

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
