"""Schemas of pictures of flakes, of screening without saving, and of the thin-film curve."""

from typing import Any, Literal

from fastapi import UploadFile
from pydantic import Field

from service.scans.tile_schemas import FLAKE, Flake
from service.schemas import Given, Shown, example

View = Literal["colour", "contrast"]


class Look(Given):
    """A look: how a flake is to be shown."""

    view: View = Field(
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
    """A screened image: what was found on it; nothing was saved."""

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


RGB = "R, G, B: pixel / background - 1"

OPTICS: dict[str, Any] = {
    "flake_id": 17,
    "contrast_rgb": [-0.137, -0.14, -0.071],
    "source": "thin_film",
    "oxide": {"oxide_nm": 90.4, "sigma_nm": 3.1, "source": "estimated"},
    "substrate": None,
    "curve": [
        {"layers": 0, "contrast_rgb": [0, 0, 0], "sigma_rgb": [0, 0, 0]},
        {"layers": 1, "contrast_rgb": [-0.13, -0.15, -0.07], "sigma_rgb": [0.02, 0.02, 0.03]},
    ],
    "layers": 1,
    "layers_sigma": 0.2,
    "p_thin": 0.99,
    "probability": [{"layers": 1, "p": 0.93}, {"layers": 2, "p": 0.02}],
    "p_other": 0.05,
}

Rgb = tuple[float, float, float]
OxideSource = Literal["scan", "substrate", "estimated", "usual"]


class KnownOxide(Shown):
    """Thickness of the SiO2, and who says so."""

    model_config = example(OPTICS["oxide"])

    oxide_nm: float
    sigma_nm: float = Field(description="One standard deviation.")
    source: OxideSource = Field(
        description="The scan's label, its substrate's, by the scan's own flakes; or nobody's: "
        "then it is the most likely of those that are sold."
    )


class CurvePoint(Shown):
    """A point of the curve: the look of a flake of so many layers."""

    model_config = example(OPTICS["curve"][1])

    layers: int = Field(description="0 is bare substrate.")
    contrast_rgb: Rgb = Field(description=RGB)
    sigma_rgb: Rgb = Field(
        description="One standard deviation, over usual microscopes and the oxide; or measured."
    )


class LayerProbability(Shown):
    """A number of layers and how probable it is."""

    model_config = example(OPTICS["probability"][0])

    layers: int
    p: float


class FlakeOptics(Shown):
    """A flake's contrast, the curve that it was read by, and the reading."""

    model_config = example(OPTICS)

    flake_id: int
    contrast_rgb: Rgb = Field(description=f"Measured. {RGB}")
    source: Literal["thin_film", "substrate"] = Field(
        description="Whether the curve is the model's, or was measured on a substrate."
    )
    oxide: KnownOxide | None = Field(
        description="None where the curve was measured and nobody said on what oxide."
    )
    substrate: str | None = Field(description="Name, where its contrasts are the curve.")
    curve: list[CurvePoint] = Field(
        description="0 to 10 layers; of a measured substrate only what was measured."
    )
    layers: int | None = Field(description="None where the contrast fits no number of layers.")
    layers_sigma: float | None = Field(description="One standard deviation, in layers.")
    p_thin: float = Field(
        description="Probability of at most 4 layers, given graphite of 1 to 10; 1 where the "
        "contrast tells nothing. It is a factor of p_graphene."
    )
    probability: list[LayerProbability]
    p_other: float = Field(description="That it is thicker than ten layers, or no graphite at all.")
