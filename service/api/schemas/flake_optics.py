"""How the number of layers of one flake was read."""

from typing import Any, Literal

from pydantic import Field

from service.api.schemas.base import Shown, example

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


class KnownOxide(Shown):
    """Thickness of the SiO2, and who says so."""

    model_config = example(OPTICS["oxide"])

    oxide_nm: float
    sigma_nm: float = Field(description="One standard deviation.")
    source: Literal["scan", "substrate", "estimated", "usual"] = Field(
        description="The scan's label, its substrate's, by the scan's own flakes; or nobody's: "
        "then it is the most likely of those that are sold."
    )


class CurvePoint(Shown):
    """What a flake of so many layers would look like."""

    model_config = example(OPTICS["curve"][1])

    layers: int = Field(description="0 is bare substrate.")
    contrast_rgb: Rgb = Field(description=RGB)
    sigma_rgb: Rgb = Field(
        description="One standard deviation, over usual microscopes and the oxide; or measured."
    )


class LayerProbability(Shown):
    """How probable a number of layers is."""

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
