"""Show one flake beside the thin-film curve of its scan: how its number of layers was read."""

from functools import lru_cache

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.calibration.scan_optics import Telling, oxide_by, telling_flakes
from service.checks import found
from service.db.engine import Sessions
from service.db.tables import Detection, Flake, Scan
from service.flakes.schemas import (
    CurvePoint,
    FlakeOptics,
    KnownOxide,
    LayerProbability,
    OxideSource,
)
from service.optics.layers import LayerReading, label_sd_nm, read_layers
from service.optics.microscopes import THIN_LAYERS
from service.optics.oxide import SOLD_NM
from service.optics.substrate import ContrastCurve, Substrate, contrast_curve
from service.scans.lighting import Lighting, lighting_of
from service.scans.reading import flake_row
from service.screening.pipeline import trust


def flake_optics(sessions: Sessions, flake_id: int) -> FlakeOptics:
    """Explain how the number of layers of a flake was read; raises `NotFound`.

    It is read again as its tile was screened: with the other flakes of the tile, which share its
    microscope.
    """
    with sessions() as session:
        flake = flake_row(session, flake_id)
        scan = found(session.get(Scan, flake.scan_id), f"scan {flake.scan_id}")
        lighting = lighting_of(session, scan)
        telling = _beside(session, flake)
        # Asked only where nobody said what the oxide is.
        others = telling_flakes(session, scan.id) if lighting.oxide_nm is None else ()
        contrast = (flake.contrast_r, flake.contrast_g, flake.contrast_b)
        by_scan = scan.oxide_nm is not None
    reading = read_layers(
        [one for one, _ in telling],
        oxide_nm=lighting.oxide_nm,
        substrate=lighting.substrate,
        weights=[weight for _, weight in telling],
    )[0]
    measured = lighting.substrate
    oxide = _oxide(lighting, others, by_scan=by_scan)
    return FlakeOptics(
        flake_id=flake_id,
        contrast_rgb=contrast,
        source="thin_film" if measured is None else "substrate",
        oxide=oxide,
        substrate=None if measured is None else measured.name,
        curve=_curve(measured, oxide),
        layers=reading.estimate.layers,
        layers_sigma=reading.estimate.sigma,
        p_thin=reading.estimate.p_thin,
        probability=_probability(reading),
        p_other=max(0.0, 1 - sum(reading.probability)),
    )


def _beside(session: Session, flake: Flake) -> list[Telling]:
    """List the flake, then what else was found on its tile."""
    query = (
        select(
            Detection.contrast_r,
            Detection.contrast_g,
            Detection.contrast_b,
            Detection.p_graphene,
            Detection.area_px,
        )
        .where(
            Detection.tile_id == flake.tile_id,
            (Detection.flake_id != flake.id) | Detection.flake_id.is_(None),
        )
        .order_by(Detection.id)
    )
    own = (flake.contrast_r, flake.contrast_g, flake.contrast_b, flake.p_graphene, flake.area_px)
    return [
        ((red, green, blue), trust(p_graphene, area_px))
        for red, green, blue, p_graphene, area_px in [own, *session.execute(query)]
    ]


def _oxide(lighting: Lighting, flakes: tuple[Telling, ...], *, by_scan: bool) -> KnownOxide | None:
    given = lighting.oxide_nm
    if given is not None:
        return _known(given, label_sd_nm(given), "scan" if by_scan else "substrate")
    if lighting.substrate is not None:
        return None
    estimate = oxide_by(flakes)
    if estimate is not None and estimate.confident:
        return _known(estimate.oxide_nm, estimate.sigma_nm, "estimated")
    # Few flakes say little, but they lean to one of the wafers that are sold.
    leaning = SOLD_NM[0] if estimate is None else estimate.oxide_nm
    usual = min(SOLD_NM, key=lambda sold: abs(sold - leaning))
    return _known(usual, label_sd_nm(usual), "usual")


def _known(oxide_nm: float, sigma_nm: float, source: OxideSource) -> KnownOxide:
    return KnownOxide(oxide_nm=oxide_nm, sigma_nm=sigma_nm, source=source)


def _curve(measured: Substrate | None, oxide: KnownOxide | None) -> list[CurvePoint]:
    bare = CurvePoint(layers=0, contrast_rgb=(0.0, 0.0, 0.0), sigma_rgb=(0.0, 0.0, 0.0))
    if measured is not None:
        return [bare, *_measured(measured)]
    assert oxide is not None, "without measured contrasts some oxide is always taken"
    modelled = _model_curve(float(max(round(oxide.oxide_nm), 1)), float(round(oxide.sigma_nm)))
    return [
        bare,
        *(
            CurvePoint(layers=layers, contrast_rgb=contrast, sigma_rgb=sigma)
            for layers, contrast, sigma in zip(
                modelled.layers.tolist(),
                modelled.contrast_rgb.tolist(),
                modelled.sigma_rgb.tolist(),
                strict=True,
            )
        ),
    ]


def _measured(substrate: Substrate) -> list[CurvePoint]:
    return [
        CurvePoint(
            layers=one.layers,
            contrast_rgb=one.contrast_rgb,
            sigma_rgb=np.sqrt(np.diag(one.covariance_rgb)).tolist(),
        )
        for one in substrate.references
    ]


# A tenth of a second each; whole nanometres, so that the flakes of a scan share one.
@lru_cache(maxsize=32)
def _model_curve(oxide_nm: float, sd_nm: float) -> ContrastCurve:
    return contrast_curve(oxide_nm, range(1, THIN_LAYERS + 1), oxide_sd_nm=sd_nm)


def _probability(reading: LayerReading) -> list[LayerProbability]:
    return [
        LayerProbability(layers=layers, p=p)
        for layers, p in zip(reading.numbers, reading.probability, strict=True)
    ]
