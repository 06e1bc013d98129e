"""Schemas of substrates, and of the light and oxide of a scan."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.schemas import Given, Shown, example

_CONTRASTS: dict[str, Any] = {
    "1": {
        "contrast": {"r": -0.137, "g": -0.140, "b": -0.071},
        "covariance_matrix": [[2e-4, 0, 0], [0, 2e-4, 0], [0, 0, 2e-4]],
    }
}


_SUBSTRATE: dict[str, Any] = {
    "id": 2,
    "name": "90 nm, 20x",
    "oxide_nm": 90,
    "reference_contrasts": _CONTRASTS,
    "created_at": "2026-11-20T10:20:00Z",
}


class NewSubstrate(Given):
    """A wafer under a microscope, as it was measured."""

    model_config = example(
        {"name": "90 nm, 20x", "oxide_nm": 90, "reference_contrasts": _CONTRASTS}
    )

    name: str
    oxide_nm: float | None = None
    reference_contrasts: dict[str, Any] | None = Field(
        None,
        description="By number of layers, as 2DMatGMM or A2D keep them; a covariance_matrix is in "
        "the order B, G, R, as theirs is.",
    )


class Substrate(Shown):
    """A substrate; its contrasts in 2DMatGMM's form."""

    model_config = example(_SUBSTRATE)

    id: int
    name: str
    oxide_nm: float | None
    reference_contrasts: dict[str, Any]
    created_at: datetime


class SubstrateList(Shown):
    """Every substrate, by name."""

    model_config = example({"items": [_SUBSTRATE]})

    items: list[Substrate]


class OxideEstimate(Shown):
    """Thickness of the SiO2 by the contrasts of the scan's own flakes."""

    model_config = example({"oxide_nm": 90.4, "sigma_nm": 3.1, "confident": True})

    oxide_nm: float
    sigma_nm: float
    confident: bool


class Drift(Shown):
    """A tile under another light."""

    model_config = example(
        {
            "tile_id": 17,
            "warning": "The light has drifted: R/G of the bare substrate is -14% from that of "
            "the scan's other tiles (limit 4%).",
            "name": "chip_012.png",
            "change": -0.14,
        }
    )

    tile_id: int
    warning: str
    name: str = Field(description="The tile's name, or its number where it has none.")
    change: float = Field(description="Of R/G or B/G, whichever changed more, as a share.")


class ScanOptics(Shown):
    """Oxide by the flakes, and the tiles under another light."""

    model_config = example(
        {
            "oxide": {"oxide_nm": 90.4, "sigma_nm": 3.1, "confident": True},
            "tiles_compared": 240,
            "drift": [],
        }
    )

    oxide: OxideEstimate | None
    tiles_compared: int
    drift: list[Drift] = Field(description="The worst first.")
