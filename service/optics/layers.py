"""Number of layers from a flake's contrast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from service.errors import InvalidValue
from service.optics.microscopes import THIN_LAYERS, ContrastModel, contrast_model
from service.optics.mixture import Effort, Fit, compare, fit
from service.optics.oxide import usual_oxides
from service.optics.substrate import Substrate, collect
from service.optics.thin_film import FloatArray

# A wafer's oxide is within about 2 % of its label, and a user rounds.
LABEL_SD_NM = 3.0
LABEL_RELATIVE_SD = 0.02
# Under the microscope that the flakes of a tile agree on, one in a thousand lies further from its
# class (three degrees of freedom); under no usual microscope does any lie further than the second.
CHI_SQUARED_LIMIT = 16.3
PRIOR_CHI_SQUARED_LIMIT = 25.0
# The numbers 1 to 10 together must be as likely as thick graphite and everything else.
LEAST_PROBABILITY = 0.5

# Thicker than this it is graphite.
GRAPHENE_LAYERS = 4

Source = Literal["thin_film", "substrate"]


@dataclass(frozen=True, slots=True)
class LayerEstimate:
    """Estimate of a flake's number of layers, read from its contrast.

    Attributes
    ----------
    layers : int or None
        None where no number from 1 to 10 explains the contrast.
    sigma : float or None
        Standard uncertainty in layers.
    source : {"thin_film", "substrate"} or None
        The Fresnel model, or contrasts measured on this substrate.
    p_thin : float
        Probability that it has at most 4 layers, given that it is graphite of 1 to 10; 1 where
        its contrast tells nothing.
    explained : bool
        False where the thin-film model knows all usual microscopes and no graphite looks so under
        any. Contrasts measured on a substrate are never all that there are.
    """

    layers: int | None
    sigma: float | None
    source: Source | None
    p_thin: float = 1.0
    explained: bool = True


_UNKNOWN: dict[Source, LayerEstimate] = {
    "thin_film": LayerEstimate(None, None, None, explained=False),
    "substrate": LayerEstimate(None, None, None),
}


@dataclass(frozen=True, slots=True)
class LayerReading:
    """A flake's estimate, and what it was chosen from.

    Attributes
    ----------
    numbers : tuple of int
        The numbers of layers that were compared.
    probability : tuple of float
        Of each of `numbers`; what is missing to 1 is thicker graphite, or no graphite at all.
    """

    estimate: LayerEstimate
    numbers: tuple[int, ...]
    probability: tuple[float, ...]


def estimate_layers(
    contrasts_rgb: Sequence[tuple[float, float, float]],
    *,
    oxide_nm: float | None = None,
    substrate: Substrate | None = None,
    weights: Sequence[float] | None = None,
    gamma: float = 1.0,
) -> list[LayerEstimate]:
    """Number of layers of each flake of one tile, graphene or not.

    Flakes of one tile share their microscope and their oxide, so each helps to read the others.

    Parameters
    ----------
    oxide_nm : float, optional
        Thickness of the SiO2 as labelled; where unknown, the usual ones compete.
    substrate : Substrate, optional
        Contrasts measured on this substrate; they replace the model where there are any, and its
        oxide is taken where `oxide_nm` is None.
    weights : sequence of float, optional
        How much each flake may tell of the microscope and the oxide that all share, from 0 to 1:
        its `p_graphene`, for example. Whatever its weight, each flake is read.
    gamma : float
        Exponent with which the camera saved the image, 1 for linear.

    Raises
    ------
    InvalidValue
        The oxide or the gamma is not a positive number, or `weights` are wrong.
    """
    readings = read_layers(
        contrasts_rgb, oxide_nm=oxide_nm, substrate=substrate, weights=weights, gamma=gamma
    )
    return [reading.estimate for reading in readings]


def read_layers(
    contrasts_rgb: Sequence[tuple[float, float, float]],
    *,
    oxide_nm: float | None = None,
    substrate: Substrate | None = None,
    weights: Sequence[float] | None = None,
    gamma: float = 1.0,
) -> list[LayerReading]:
    """Estimate layers as `estimate_layers` does, with how probable each number of layers is."""
    flakes = collect(contrasts_rgb, weights)
    if substrate is not None and substrate.references:
        seen = compare(flakes, substrate.model)
        return _readings(Fit(substrate.model, np.ones(1), seen, seen.chi_squared), "substrate")
    if substrate is not None and oxide_nm is None:
        oxide_nm = substrate.oxide_nm
    model = usual_oxides(gamma) if oxide_nm is None else _labelled_oxide(oxide_nm, gamma)
    return _readings(fit(flakes, model, Effort()), "thin_film")


def label_sd_nm(oxide_nm: float) -> float:
    """Compute one standard deviation of an oxide's thickness from its label."""
    return max(LABEL_SD_NM, LABEL_RELATIVE_SD * oxide_nm)


def _labelled_oxide(oxide_nm: float, gamma: float) -> ContrastModel:
    if not 0 < oxide_nm < np.inf:
        raise InvalidValue(f"oxide_nm is {oxide_nm:g}: must be a positive number")
    # Whole nanometres where that is the same, so that two tiles of one scan share a table.
    whole_nm = oxide_nm if not oxide_nm > 1 else float(np.round(oxide_nm))
    sd_nm = label_sd_nm(whole_nm)
    # Three narrow hypotheses bend with the oxide where one wide one could not; together their
    # deviation is that of the label.
    low, high = max(whole_nm - 1.2 * sd_nm, whole_nm / 2), whole_nm + 1.2 * sd_nm
    oxides = low, whole_nm, high
    return contrast_model(oxides, (0.25, 0.5, 0.25), 0.53 * sd_nm, gamma)


def _readings(found: Fit, source: Source) -> list[LayerReading]:
    """Read each flake, averaged over the hypotheses."""
    layers = np.array([number for number in found.model.layers if number <= THIN_LAYERS])
    by_hypothesis = found.probability[:, None, None] * found.seen.probability[..., : len(layers)]
    probability = by_hypothesis.sum(axis=0)
    best = probability.argmax(axis=1)
    flakes = np.arange(len(best))
    # The hypothesis that speaks most for this number: its distances and its slope are the flake's.
    leading = by_hypothesis[:, flakes, best].argmax(axis=0)
    fits = (found.seen.chi_squared[leading, flakes, best] <= CHI_SQUARED_LIMIT) & (
        found.prior_chi_squared[leading, flakes, best] <= PRIOR_CHI_SQUARED_LIMIT
    )
    known = fits & (probability.sum(axis=1) >= LEAST_PROBABILITY)
    normal = probability / np.maximum(probability.sum(axis=1, keepdims=True), 1e-300)
    doubt = np.sqrt(np.sum(normal * (layers - layers[best][:, None]) ** 2, axis=1))
    sigma = np.maximum(doubt, _resolution(found)[leading, best])
    thin = normal[:, layers <= GRAPHENE_LAYERS].sum(axis=1)
    estimates = [
        LayerEstimate(number, uncertainty, source, p_thin) if sure else _UNKNOWN[source]
        for number, uncertainty, p_thin, sure in zip(
            layers[best].tolist(), sigma.tolist(), thin.tolist(), known.tolist(), strict=True
        )
    ]
    numbers = tuple(layers.tolist())
    return [
        LayerReading(estimate, numbers, tuple(of_each))
        for estimate, of_each in zip(estimates, probability.tolist(), strict=True)
    ]


def _resolution(found: Fit) -> FloatArray:
    """Standard uncertainty in layers around each class, (hypotheses, classes)."""
    model = found.model
    with_bare = np.concatenate([np.zeros_like(model.mean[:, :1]), model.mean], axis=1)
    slope = np.gradient(with_bare, np.array([0, *model.layers], np.float64), axis=1)[:, 1:]
    information = np.einsum("hnc,hncd,hnd->hn", slope, found.seen.precision, slope)
    return np.asarray(1 / np.sqrt(information), np.float64)
