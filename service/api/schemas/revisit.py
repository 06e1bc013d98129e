"""Images taken again of flakes, and which flake comes next."""

from datetime import datetime
from typing import Any

from fastapi import UploadFile
from pydantic import Field

from service.api.schemas.base import Given, Shown, example
from service.api.schemas.flake import FLAKE, Flake

REVISIT: dict[str, Any] = {
    "id": 7,
    "flake_id": 17,
    "name": "flake 17, 100x.tif",
    "sha256": "9f2feb0f1ef425b292f2f94bc8482494df430413b1fcd26b3a5b4f9ed1b7a6d8",
    "media_type": "image/tiff",
    "um_per_px": 0.0769,
    "stage_x_um": 10234.5,
    "stage_y_um": -881.2,
    "stage_z_um": None,
    "note": "clean edge",
    "created_at": "2026-11-20T10:40:00Z",
}


class NextQuery(Given):
    """Which flakes are worth a second look."""

    layers: list[int] = Field([], description="Any of these: `layers=1&layers=2`.")
    min_area_um2: float | None = Field(None, examples=[100])
    min_p: float | None = Field(None, examples=[0.8])


class NextFlake(Shown):
    """Where to drive next."""

    model_config = example({"flake": FLAKE | {"review": None}, "merit_um2": 179.2, "waiting": 12})

    flake: Flake | None = Field(description="None where none waits.")
    merit_um2: float | None = Field(description="p_graphene * area_um2")
    waiting: int = Field(description="Flakes that wait for a second look, this one included.")


class NewRevisit(Given):
    """An image taken again of a flake, and how; unknown is left out, never 0."""

    model_config = example({"image": "the bytes of an image", "um_per_px": 0.0769, "screen": True})

    image: UploadFile = Field(description="PNG, JPEG, TIFF, OME-TIFF or BMP.")
    name: str | None = Field(None, description="The file's name if left out.")
    um_per_px: float | None = None
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    note: str | None = None
    screen: bool = Field(False, description="Look for flakes on it; they are answered, not saved.")


class Revisit(Shown):
    """An image taken again of a flake."""

    model_config = example(REVISIT)

    id: int
    flake_id: int
    name: str | None
    sha256: str
    media_type: str
    um_per_px: float | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    note: str | None
    created_at: datetime


class RevisitAdded(Revisit):
    """A revisit, and what was found on it if that was asked."""

    model_config = example(REVISIT | {"flakes": None})

    flakes: list[Flake] | None = Field(None, description="None where `screen` was not asked.")


class RevisitList(Shown):
    """Every revisit of a flake, oldest first."""

    model_config = example({"items": [REVISIT]})

    items: list[Revisit]
