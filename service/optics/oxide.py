"""Thickness of the oxide from the contrasts of a scan's flakes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.optics.microscopes import LAYERS, THIN_LAYERS, ContrastModel, contrast_model
from service.optics.mixture import Effort, fit
from service.optics.substrate import collect

# Graphene is seen on the first two maxima of contrast only, so nobody exfoliates on other oxides
# (Blake et al., Appl. Phys. Lett. 91, 063124, 2007).
FAMILIES_NM = (
    (80.0, 85.0, 90.0, 95.0, 100.0, 105.0, 110.0),
    (270.0, 275.0, 280.0, 285.0, 290.0, 295.0, 300.0, 305.0, 310.0),
)
# The flakes tell some 3 nm around 90 and 7 nm around 290.
OXIDE_STEP_NM = 5.0
OXIDES_NM = FAMILIES_NM[0] + FAMILIES_NM[1]
# What wafers are sold as, and their tolerance; every other thickness is possible, but rarer.
SOLD_NM = (90.0, 100.0, 285.0, 300.0)
SOLD_RELATIVE_SD = 0.03
SOLD_SHARE = 0.95

# The other family is at most one in twenty, and the thickness known as well as is asked for.
CONFIDENT_PROBABILITY = 0.95
CONFIDENT_SIGMA_NM = 10.0
# One flake can be anything; three thin ones that agree on one microscope and oxide are evidence.
CONFIDENT_FLAKES = 3.0

# A scan is asked once, so that time hardly matters; more flakes than these tell nothing more.
MOST_FLAKES = 500
THOROUGH = Effort(flakes=MOST_FLAKES, hypotheses=2 * len(OXIDES_NM))


@dataclass(frozen=True, slots=True)
class OxideEstimate:
    """Thickness of the SiO2, read from flakes.

    Attributes
    ----------
    oxide_nm, sigma_nm : float
        Mean and standard uncertainty within the more probable range, that around 90 or 290 nm.
    confident : bool
        Enough flakes agree, and on one of the two ranges only.
    """

    oxide_nm: float
    sigma_nm: float
    confident: bool


def estimate_oxide(
    contrasts_rgb: Sequence[tuple[float, float, float]],
    *,
    weights: Sequence[float] | None = None,
    gamma: float = 1.0,
) -> OxideEstimate | None:
    """Thickness of the oxide under flakes of unknown numbers of layers, outliers among them.

    Give it the flakes of one scan, not of one tile. None where there is no contrast at all.

    Parameters
    ----------
    weights : sequence of float, optional
        How much each flake may tell, from 0 to 1: its `p_graphene`, for example.
    gamma : float
        Exponent with which the camera saved the image, 1 for linear.
    """
    flakes = collect(contrasts_rgb, weights).heaviest(MOST_FLAKES)
    if not flakes.weights.any():
        return None
    found = fit(flakes, usual_oxides(gamma), THOROUGH)
    share = np.array([found.probability[found.model.oxide_nm == d].sum() for d in OXIDES_NM])
    split = len(FAMILIES_NM[0])
    first = share[:split].sum() >= 0.5
    family = slice(0, split) if first else slice(split, None)
    oxides, within = np.array(OXIDES_NM)[family], share[family] / share[family].sum()
    mean = float(within @ oxides)
    # Within its step each hypothesis is evenly spread.
    variance = float(within @ (oxides - mean) ** 2) + OXIDE_STEP_NM**2 / 12
    thin = found.seen.probability[..., : LAYERS.index(THIN_LAYERS) + 1]
    agreeing = float(found.probability @ thin.sum(axis=2) @ flakes.weights)
    sigma = variance**0.5
    confident = (
        share[family].sum() >= CONFIDENT_PROBABILITY
        and sigma <= CONFIDENT_SIGMA_NM
        and agreeing >= CONFIDENT_FLAKES
    )
    return OxideEstimate(mean, sigma, bool(confident))


def usual_oxides(gamma: float = 1.0) -> ContrastModel:
    """Contrasts on each of `OXIDES_NM`, each as probable as wafers are sold."""
    oxides, sold = np.array(OXIDES_NM), np.array(SOLD_NM)[:, None]
    peaks = np.exp(-(((oxides - sold) / (SOLD_RELATIVE_SD * sold)) ** 2) / 2) / sold
    prior = SOLD_SHARE * peaks.sum(axis=0) / peaks.sum() + (1 - SOLD_SHARE) / len(oxides)
    # The standard deviation of an even spread over one step.
    return contrast_model(OXIDES_NM, tuple(prior.tolist()), OXIDE_STEP_NM / 12**0.5, gamma)
