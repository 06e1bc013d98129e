"""What a scan tells of its light and its oxide."""

from service.api.schemas.base import Shown, example


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
        }
    )

    tile_id: int
    warning: str


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
    drift: list[Drift]
