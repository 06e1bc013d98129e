"""The gate: whether a model version may take the place of the active one, and why not."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from service.inference.classifier import Classifier
from service.inference.shipped import Holdout
from service.scans.promotion_examples import reviewed_crops
from service.scans.promotion_noise import Comparison, compare
from service.scans.tiles import Stores

# As `models.export` demands of its own exports: no verdict depends on less.
PARITY_TOLERANCE = 1e-4

# Under this key of its metrics a model version has the largest difference in probability between
# the exported file and the network that was trained.
PARITY = "parity_difference"

# As many crops as one call of the classifier takes at once, and so often: the median is steady.
_TIMED_CROPS, _TIMES = 64, 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says.

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


def _on_holdout(holdout: Holdout, candidate: Classifier, active: Classifier) -> Comparison:
    said = [_verdicts(one, holdout.of_size(one.input_size)) for one in (active, candidate)]
    return compare(holdout.is_graphene, *said)


def _on_reviews(stores: Stores, candidate: Classifier, active: Classifier) -> Comparison | None:
    """None where nothing was reviewed."""
    reviewed = reviewed_crops(stores, {candidate.input_size, active.input_size})
    if not len(reviewed.is_graphene):
        return None
    said = [_verdicts(one, reviewed.crops[one.input_size]) for one in (active, candidate)]
    return compare(reviewed.is_graphene, *said)


def _verdicts(classifier: Classifier, crops: NDArray[np.float32]) -> NDArray[np.bool_]:
    return classifier.classify(crops) >= classifier.threshold


def _ms_per_crop(classifier: Classifier, holdout: Holdout) -> float:
    crops = holdout.of_size(classifier.input_size)[:_TIMED_CROPS]
    times_s = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        classifier.classify(crops)
        times_s.append(time.perf_counter() - started)
    return 1000 * float(np.median(times_s)) / len(crops)


def _worse(where: str, compared: Comparison, active: str) -> str:
    return (
        f"It is worse on {where}: balanced accuracy {compared.candidate:.3f} against "
        f"{compared.active:.3f} of {active!r} on {compared.crops} crops; the difference is from "
        f"{compared.low:+.3f} to {compared.high:+.3f} (95 %)."
    )


def _rounded(compared: Comparison) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(compared).items()}
