"""The gate: judge whether a model version may take the place of the active one, and say why not."""

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from service.inference.classifier import Classifier, is_called
from service.inference.shipped import Holdout
from service.reviews.crops import ReviewedCrops, reviewed_crops
from service.scans.tiles import Stores

# 2,000 resamples give the ends of a 95 % interval to about a tenth of its width.
RESAMPLES = 2000
SEED = 20261120


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two models on the same crops.

    Attributes
    ----------
    active, candidate : float
        Balanced accuracy of each.
    low, high : float
        95 % interval of candidate - active.
    """

    crops: int
    active: float
    candidate: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Tell whether even the upper end of the interval is below 0."""
        return self.high < 0


def compare(
    truth: NDArray[np.bool_], active: NDArray[np.bool_], candidate: NDArray[np.bool_]
) -> PairedComparison:
    """Compare verdicts by a paired bootstrap (Efron and Tibshirani 1993, chapter 8).

    Crops are drawn again within each class, the same for both models: what is hard for both makes
    no noise. Balanced accuracy, the mean of the recall of each class that is there, says the same
    however many flakes of each class were reviewed. The seed is fixed: the same question twice has
    one answer.

    Parameters
    ----------
    truth, active, candidate : (n,) bool
        Graphene or not; n >= 1.
    """
    right = np.stack([active == truth, candidate == truth]).astype(np.float64)
    classes = [right[:, truth == label] for label in (False, True) if (truth == label).any()]
    own = np.mean([some.mean(axis=1) for some in classes], axis=0)
    rng = np.random.default_rng(SEED)
    drawn = [_drawn(some[1] - some[0], rng) for some in classes]
    low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
    return PairedComparison(len(truth), float(own[0]), float(own[1]), float(low), float(high))


def _drawn(gain: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Mean gains of resamples. A gain is -1, 0 or 1: drawing is counting how often each comes."""
    worse, better = np.mean(gain < 0), np.mean(gain > 0)
    counts = rng.multinomial(len(gain), [worse, better, 1 - worse - better], size=RESAMPLES)
    return np.asarray((counts[:, 1] - counts[:, 0]) / len(gain), np.float64)


# With fewer a wrong verdict of one person decides; with more the gate takes minutes.
MOST_REVIEWS = 500
# To read and normalise a tile takes a good part of a second.
MOST_TILES = 60

# As `models.export` demands of its own exports: no verdict depends on less.
PARITY_TOLERANCE = 1e-4

# Under this key of its metrics a model version has the largest difference in probability between
# the exported file and the network that was trained.
PARITY = "parity_difference"

# As many crops as one call of the classifier takes at once, and so often: the median is steady.
_TIMED_CROPS, _TIMES = 64, 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict of the gate on a model version.

    Attributes
    ----------
    reasons : tuple of str
        Why not; empty where the version may be promoted.
    figures : dict
        What was measured, as JSON.
    """

    reasons: tuple[str, ...]
    figures: dict[str, object]


def examine(
    stores: Stores,
    holdout: Holdout,
    candidate: Classifier,
    active: Classifier | None,
    metrics: Mapping[str, object],
) -> Verdict:
    """Measure a candidate beside the active model.

    It must not be worse beyond noise on the fixed holdout and on the newest reviews, and its
    parity must have been measured. Without an active model nothing is compared. The figures hold
    the time for a crop too, which refuses nobody: what is slow is for people to weigh.

    The network alone is judged, `p >= threshold` of each version. Screening weighs `p` with the
    optics besides (`screening.pipeline.with_optics`): that is the same for both versions, and
    would hide what only one of them gets wrong.
    """
    parity = metrics.get(PARITY)
    figures: dict[str, object] = {
        "ms_per_crop": round(_ms_per_crop(candidate, holdout), 4),
        PARITY: parity,
    }
    reasons = list(_parity_reasons(parity))
    if active is not None:
        figures["compared_with"] = active.version
        for name, words, compared in (
            ("holdout", f"the holdout ({holdout.name})", _on_holdout(holdout, candidate, active)),
            ("reviews", "the newest reviews", _on_reviews(stores, candidate, active)),
        ):
            figures[name] = None if compared is None else _rounded(compared)
            if compared is not None and compared.is_worse:
                reasons.append(_worse(words, compared, active.version))
    return Verdict(tuple(reasons), figures)


def _parity_reasons(parity: object) -> list[str]:
    if not isinstance(parity, int | float) or isinstance(parity, bool):
        return [
            f"Parity is not proved: its metrics lack {PARITY!r}, the largest difference in "
            "probability between the exported file and the trained network."
        ]
    if not 0 <= parity <= PARITY_TOLERANCE:
        return [
            f"Parity is off: the exported file differs from the trained network by {parity:.2g}; "
            f"{PARITY_TOLERANCE:g} is allowed."
        ]
    return []


def _on_holdout(holdout: Holdout, candidate: Classifier, active: Classifier) -> PairedComparison:
    said = [_verdicts(one, holdout.of_size(one.input_size)) for one in (active, candidate)]
    return compare(holdout.is_graphene, *said)


def _on_reviews(
    stores: Stores, candidate: Classifier, active: Classifier
) -> PairedComparison | None:
    """Compare two models on the newest reviews; None where nothing was reviewed."""
    sizes = {candidate.input_size, active.input_size}
    reviewed = newest_crops(stores, sizes)
    if not len(reviewed.is_graphene):
        return None
    said = [_verdicts(one, reviewed.crops[one.input_size]) for one in (active, candidate)]
    return compare(reviewed.is_graphene, *said)


def newest_crops(stores: Stores, sizes: Collection[int]) -> ReviewedCrops:
    """Cut the crops of the newest sure reviews, as many as a promotion has time for."""
    return reviewed_crops(stores, sizes, most_reviews=MOST_REVIEWS, most_tiles=MOST_TILES)


def _verdicts(classifier: Classifier, crops: NDArray[np.float32]) -> NDArray[np.bool_]:
    # Of the network alone, while screening judges its answer times that of optics: optics needs the
    # whole tile, which the holdout's crops do not have, and it is the network that is promoted.
    return is_called(classifier.classify(crops), classifier.threshold)


def _ms_per_crop(classifier: Classifier, holdout: Holdout) -> float:
    crops = holdout.of_size(classifier.input_size)[:_TIMED_CROPS]
    times_s = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        classifier.classify(crops)
        times_s.append(time.perf_counter() - started)
    return 1000 * float(np.median(times_s)) / len(crops)


def _worse(where: str, compared: PairedComparison, active: str) -> str:
    return (
        f"It is worse on {where}: balanced accuracy {compared.candidate:.3f} against "
        f"{compared.active:.3f} of {active!r} on {compared.crops} crops; the difference is from "
        f"{compared.low:+.3f} to {compared.high:+.3f} (95 %)."
    )


def _rounded(compared: PairedComparison) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(compared).items()}
