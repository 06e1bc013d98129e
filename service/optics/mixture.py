"""Flakes under one microscope as a mixture of layer numbers and outliers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.optics.microscopes import THIN_LAYERS, ContrastModel
from service.optics.substrate import Flakes
from service.optics.thin_film import FloatArray

# Half of what stands out on a tile is no graphite; its contrasts lie anywhere in a box of this
# volume (from black to twice the background in each channel). Graphite of any one thickness above
# ten layers is rare: a weak share keeps it from explaining a whole tile.
OUTLIER_SHARE = 0.5
THICK_SHARE = 0.05
OUTLIER_VOLUME = 8.0
# Some of it is faint: residue, halos, blurred edges lie around no contrast with this deviation.
FAINT_SHARE = 0.03
FAINT_SD = 0.05
# Flakes that are less probable than this under all hypotheses tell nothing: most things on a tile.
NEGLIGIBLE = 1e-4
# Less probable hypotheses change no answer.
IMPROBABLE = 0.01
# Where the search for the microscope starts, in standard deviations towards more contrast of the
# thinnest classes, and how far it looks around each start.
STARTS = (-1.2, 0.0, 1.2)
START_SD = 0.5
SCALED_CLASSES = 4
# The shared microscope settles within two rounds: a third changed one number in a thousand.
ROUNDS = 2
# The model is a little wrong for all flakes alike, so that a hundred flakes do not tell a hundred
# times as much as one: they count as this many at most (a coarsened posterior: Miller, Dunson,
# J. Am. Stat. Assoc. 114, 1113, 2019). At ten, the model's error on the mean of real flakes,
# about 0.005, weighs as much as the scatter of theirs.
INDEPENDENT_FLAKES = 10.0
# No usual microscope lies further from the mean of all, in standard deviations of t together.
FURTHEST_MICROSCOPE = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Microscope:
    """Knowledge of the vector t of `ContrastModel`, for each hypothesis about the oxide."""

    shift: FloatArray
    spread: FloatArray

    def chosen(self, hypotheses: NDArray[np.intp]) -> "Microscope":
        """Only these hypotheses."""
        return Microscope(self.shift[hypotheses], self.spread[hypotheses])


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """Distances of flakes from each class.

    Attributes
    ----------
    chi_squared : (hypotheses, flakes, classes) float64
        Squared distance in units of its uncertainty; three degrees of freedom.
    probability : (hypotheses, flakes, classes) float64
        Of each class; what is missing to 1 is the outlier's.
    log_likelihood : (hypotheses, flakes) float64
        Of each flake, an outlier or of any class.
    precision : (hypotheses, classes, 3, 3) float64
        Inverse covariance of one flake's contrast.
    """

    chi_squared: FloatArray
    probability: FloatArray
    log_likelihood: FloatArray
    precision: FloatArray

    def chosen(self, hypotheses: NDArray[np.intp]) -> "Distances":
        """Only these hypotheses."""
        return Distances(
            self.chi_squared[hypotheses],
            self.probability[hypotheses],
            self.log_likelihood[hypotheses],
            self.precision[hypotheses],
        )

    def joined(self, other: "Distances") -> "Distances":
        """These hypotheses, then the other ones."""
        return Distances(
            np.concatenate([self.chi_squared, other.chi_squared]),
            np.concatenate([self.probability, other.probability]),
            np.concatenate([self.log_likelihood, other.log_likelihood]),
            np.concatenate([self.precision, other.precision]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Fit of a set of flakes: what they say about their classes and about the oxide.

    A hypothesis is here an oxide, a kind of camera, and whether the flakes share a microscope; the
    improbable ones are left out.

    Attributes
    ----------
    model : ContrastModel
        Of these hypotheses.
    probability : (hypotheses,) float64
        Of each hypothesis; their sum is 1.
    seen : Distances
        Under the microscope of each hypothesis.
    prior_chi_squared : (hypotheses, flakes, classes) float64
        Squared distances where the microscope may be any.
    """

    model: ContrastModel
    probability: FloatArray
    seen: Distances
    prior_chi_squared: FloatArray


@dataclass(frozen=True, slots=True)
class Effort:
    """Limits of a fit: flakes asked for their microscope, and hypotheses they may settle on.

    A tile must be read at once, and two dozen flakes know its microscope as well as all do.
    """

    flakes: int = 24
    hypotheses: int = 12


def fit(flakes: Flakes, model: ContrastModel, effort: Effort) -> Fit:
    """Fit flakes that one microscope saw on one oxide.

    Expectation and maximisation: of which class is each flake, which microscope t explains them
    together (Bayesian linear regression: Bishop, Pattern Recognition and Machine Learning, 2006,
    section 3.3), and again. The evidence is Laplace's approximation at the last t.

    Reading every flake as one layer more, under a microscope of less contrast, explains a tile
    nearly as well: the method settles there too, so it starts from several contrasts. Few flakes
    would settle on themselves: the hypotheses without a shared microscope hold against that.
    """
    own = compare(flakes, model)
    thin_or_thick = own.probability.sum(axis=2)
    telling = _telling(flakes, thin_or_thick.max(axis=0), effort)
    agreeing = float(np.max(thin_or_thick[:, telling] @ flakes.weights[telling], initial=0))
    power = INDEPENDENT_FLAKES / (INDEPENDENT_FLAKES + agreeing) * flakes.weights[telling]
    own_evidence = own.log_likelihood[:, telling] @ power + model.log_prior
    most = effort.hypotheses if len(telling) > 1 else 0
    settling = np.tile(np.argsort(-own_evidence)[:most], len(STARTS))
    shared = model.chosen(settling)
    starts = np.repeat(STARTS, len(settling) // len(STARTS))[:, None] * _scale(shared)
    microscope, evidence = _settle(Flakes(flakes.contrasts[telling], power), shared, starts)
    probability = _normalised(np.concatenate([own_evidence, evidence + shared.log_prior]))
    kept = np.flatnonzero(probability > min(IMPROBABLE, probability.max() / 2))
    kept_own, kept_shared = kept[kept < len(own_evidence)], kept[kept >= len(own_evidence)]
    kept_shared = kept_shared - len(own_evidence)
    sources = np.concatenate([kept_own, settling[kept_shared]])
    seen_shared = _expect(
        flakes.contrasts, shared.chosen(kept_shared), microscope.chosen(kept_shared)
    )
    return Fit(
        model=model.chosen(sources),
        probability=probability[kept] / probability[kept].sum(),
        seen=own.chosen(kept_own).joined(seen_shared),
        prior_chi_squared=own.chi_squared[sources],
    )


def _telling(flakes: Flakes, plausible: FloatArray, effort: Effort) -> NDArray[np.intp]:
    """Flakes that may tell of the microscope, those of most weight first."""
    able = np.flatnonzero((plausible > NEGLIGIBLE) & (flakes.weights > 0))
    return able[np.argsort(-flakes.weights[able], kind="stable")[: effort.flakes]]


def _normalised(log_odds: FloatArray) -> FloatArray:
    odds = np.exp(log_odds - log_odds.max())
    return np.asarray(odds / odds.sum(), np.float64)


def _settle(
    flakes: Flakes, model: ContrastModel, start: FloatArray
) -> tuple[Microscope, FloatArray]:
    """Microscope on which the method settles from `start`, (hypotheses, size of t); evidence."""
    length = np.maximum(np.linalg.norm(start, axis=1), 1e-9)[:, None]
    along = start / length
    spread = np.eye(start.shape[1]) - (1 - START_SD**2) * along[:, :, None] * along[:, None]
    seen = _expect(flakes.contrasts, model, Microscope(start, spread))
    for _ in range(ROUNDS):
        microscope = _maximise(flakes.contrasts, model, flakes.weights[:, None] * seen.probability)
        seen = _expect(flakes.contrasts, model, microscope)
    certain = Microscope(microscope.shift, np.zeros_like(microscope.spread))
    likelihood = _expect(flakes.contrasts, model, certain).log_likelihood @ flakes.weights
    _, log_determinant = np.linalg.slogdet(microscope.spread)
    evidence = likelihood - np.sum(microscope.shift**2, axis=1) / 2 + log_determinant / 2
    return microscope, evidence


def _scale(model: ContrastModel) -> FloatArray:
    """Direction of t, of length 1, in which all thin flakes gain contrast, (hypotheses, size)."""
    thin = slice(0, SCALED_CLASSES)
    weighted = model.directions[:, thin] / model.variance[:, thin, :, None]
    pull = np.einsum("hnci,hnc->hi", weighted, model.mean[:, thin])
    gram = np.einsum("hnci,hncj->hij", weighted, model.directions[:, thin])
    step = np.linalg.solve(gram + np.eye(gram.shape[-1]), pull[..., None])[..., 0]
    return np.asarray(step / np.linalg.norm(step, axis=1, keepdims=True), np.float64)


def compare(flakes: Flakes, model: ContrastModel) -> Distances:
    """Compare each flake for itself: the others do not tell under which microscope it lies."""
    return _expect(flakes.contrasts, model, _any_microscope(model))


def _any_microscope(model: ContrastModel) -> Microscope:
    hypotheses, size = len(model.mean), model.directions.shape[-1]
    identity = np.broadcast_to(np.eye(size), (hypotheses, size, size))
    return Microscope(np.zeros((hypotheses, size)), identity)


def _expect(contrasts: FloatArray, model: ContrastModel, microscope: Microscope) -> Distances:
    moved = np.einsum("hnci,hi->hnc", model.directions, microscope.shift)
    mean = np.asarray(model.mean + moved, np.float64)
    spread = model.directions @ microscope.spread[:, None] @ model.directions.swapaxes(-1, -2)
    covariance = spread + model.variance[..., None] * np.eye(3)
    precision, determinant = _inverse(covariance)
    chi_squared = _squared_distances(contrasts, mean, precision)
    log_scale = _log_shares(model.layers) - np.log((2 * np.pi) ** 3 * determinant) / 2
    # In shares of the outlier's density; what is e^700 times as likely is certain.
    outlier = _outlier_density(contrasts)
    log_density = log_scale[:, None] - chi_squared / 2
    odds = np.exp(np.minimum(log_density - np.log(outlier)[:, None], 700))
    total = 1 + odds.sum(axis=-1)
    log_likelihood = np.log(outlier * total)
    return Distances(chi_squared, odds / total[..., None], log_likelihood, precision)


def _maximise(contrasts: FloatArray, model: ContrastModel, weight: FloatArray) -> Microscope:
    weighted = model.directions / model.variance[..., None]
    counts = weight.sum(axis=1)
    gram = np.swapaxes(weighted, -1, -2) @ model.directions
    spread = np.linalg.inv(np.eye(gram.shape[-1]) + np.einsum("hn,hnij->hij", counts, gram))
    residual = np.swapaxes(weight, 1, 2) @ contrasts - counts[..., None] * model.mean
    shift = np.einsum("hij,hj->hi", spread, np.einsum("hnci,hnc->hi", weighted, residual))
    length = np.linalg.norm(shift, axis=1, keepdims=True)
    shift = shift * np.minimum(1, FURTHEST_MICROSCOPE / np.maximum(length, 1e-9))
    return Microscope(shift, spread)


def _inverse(covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses and determinants of symmetric matrices, (..., 3, 3), by cofactors.

    Ten times faster than numpy's general inverse on a thousand small matrices.
    """
    a, b, c = covariance[..., 0, 0], covariance[..., 0, 1], covariance[..., 0, 2]
    d, e, f = covariance[..., 1, 1], covariance[..., 1, 2], covariance[..., 2, 2]
    top = d * f - e * e, c * e - b * f, b * e - c * d
    middle, low, corner = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = a * top[0] + b * top[1] + c * top[2]
    cofactors = np.stack([*top, top[1], middle, low, top[2], low, corner], axis=-1)
    inverse = cofactors / determinant[..., None]
    return inverse.reshape(covariance.shape), determinant


def _outlier_density(contrasts: FloatArray) -> FloatArray:
    squared = np.sum((contrasts / FAINT_SD) ** 2, axis=1)
    faint = np.exp(-squared / 2) / (FAINT_SD * (2 * np.pi) ** 0.5) ** 3
    everywhere = (OUTLIER_SHARE - FAINT_SHARE) / OUTLIER_VOLUME
    return np.asarray(everywhere + FAINT_SHARE * faint, np.float64)


def _log_shares(layers: tuple[int, ...]) -> FloatArray:
    """Logarithm of how many of all things on a tile are of each class."""
    thick = np.array(layers) > THIN_LAYERS
    thin_share = (1 - OUTLIER_SHARE - THICK_SHARE) / max(int(np.sum(~thick)), 1)
    thick_share = THICK_SHARE / max(int(np.sum(thick)), 1)
    return np.asarray(np.log(np.where(thick, thick_share, thin_share)), np.float64)


def _squared_distances(
    contrasts: FloatArray, mean: FloatArray, precision: FloatArray
) -> FloatArray:
    # Written out as one product of matrices: ten times faster than a loop over the small ones.
    products = (contrasts[:, :, None] * contrasts[:, None]).reshape(-1, 9)
    pull = np.einsum("hncd,hnd->hnc", precision, mean)
    offset = np.einsum("hnc,hnc->hn", pull, mean)
    flat = precision.reshape(*precision.shape[:2], 9)
    squared = products @ flat.swapaxes(1, 2) - 2 * contrasts @ pull.swapaxes(1, 2)
    return np.asarray(np.maximum(squared + offset[:, None], 0), np.float64)
