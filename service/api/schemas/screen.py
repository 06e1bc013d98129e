"""Screening without saving."""

from fastapi import UploadFile
from pydantic import Field

from service.api.schemas.base import Given, Shown, example
from service.api.schemas.flake import FLAKE, Flake

SCREENED = FLAKE | {
    "id": None,
    "scan_id": None,
    "tile_id": None,
    "centre_um": None,
    "polygon_um": None,
    "review": None,
}


class NewImage(Given):
    """An image and what is known of it."""

    model_config = example(
        {"image": "the bytes of overview.png", "um_per_px": 0.3844, "oxide_nm": 90}
    )

    image: UploadFile = Field(description="PNG, JPEG, TIFF, OME-TIFF or BMP.")
    um_per_px: float | None = Field(None, description="Without it areas are in pixels.")
    oxide_nm: float | None = Field(None, description="SiO2 thickness.")


class ScreenedImage(Shown):
    """What was found on an image; nothing was saved."""

    model_config = example(
        {
            "flakes": [SCREENED],
            "candidates": 1,
            "width_px": 1920,
            "height_px": 1200,
            "model_version": "graphene-1",
            "timing_ms": 184.2,
        }
    )

    flakes: list[Flake] = Field(description="Every candidate, graphene or not.")
    candidates: int
    width_px: int
    height_px: int
    model_version: str
    timing_ms: float = Field(description="Decoding and screening, without waiting for its turn.")
