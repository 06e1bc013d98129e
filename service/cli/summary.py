"""What the images of one folder tell together: the oxide, and whether the light was steady."""

from collections.abc import Iterable, Iterator, Sequence

from service.cli.screening import ScreenedFile
from service.optics.oxide import estimate_oxide
from service.screening.pipeline import trust
from service.vision.light import light_drift, usual_light


def oxide_line(screened: Iterable[ScreenedFile]) -> str | None:
    """The oxide as the graphene flakes tell it; None without any."""
    flakes = [flake for file in screened for flake in file.flakes if flake.is_graphene]
    estimate = estimate_oxide(
        [flake.contrast_rgb for flake in flakes],
        weights=[trust(flake.p_graphene, flake.area_px) for flake in flakes],
    )
    if estimate is None:
        return None
    sure = "" if estimate.confident else ", not sure: too few flakes agree"
    return f"Oxide by the flakes: {estimate.oxide_nm:.0f} +- {estimate.sigma_nm:.0f} nm{sure}"


def drift_lines(screened: Sequence[ScreenedFile]) -> Iterator[str]:
    """Images whose light differs from that of the others."""
    lights = [(file, file.light) for file in screened if file.light is not None]
    usual = usual_light([light.background_rgb for _, light in lights])
    for file, light in lights:
        warning = light_drift(light.background_rgb, usual)
        if warning is not None:
            yield f"{file.relative}: {warning}"
