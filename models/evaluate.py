"""Evaluation: figures with intervals, graphene positive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    roc_auc_score,
)

Values = NDArray[np.float64]
Labels = NDArray[np.int8]
REPLICATES, COVERAGE = 500, 0.95
# Bins of equal numbers of predictions for the calibration error.
BINS = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its bootstrap interval; nan where it is not defined (one class only)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well probabilities fit labels.

    Attributes
    ----------
    positives, negatives : int
        Examples that are graphene, and that are not.
    confusion : (true negatives, false positives, false negatives, true positives)
    figures : by name
    """

    positives: int
    negatives: int
    confusion: tuple[int, int, int, int]
    figures: Mapping[str, Figure]


def evaluate(label: Labels, p_graphene: Values, threshold: float) -> Figures:
    """All figures at a threshold, graphene being the positive class."""
    truth = label.astype(np.int64)
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(truth), size=len(truth)) for _ in range(REPLICATES)]
    figures = {}
    for name, measure in MEASURES.items():
        values = np.array([measure(truth[d], p_graphene[d], threshold) for d in draws])
        figures[name] = _figure(measure(truth, p_graphene, threshold), values)
    counts = confusion_matrix(truth, p_graphene >= threshold, labels=[0, 1]).ravel().tolist()
    return Figures(
        positives=int(truth.sum()),
        negatives=int((1 - truth).sum()),
        confusion=(counts[0], counts[1], counts[2], counts[3]),
        figures=figures,
    )


def _figure(value: float, replicates: Values) -> Figure:
    defined = replicates[np.isfinite(replicates)]
    if not np.isfinite(value) or len(defined) == 0:
        return Figure(float("nan"), float("nan"), float("nan"))
    tail = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(defined, [tail, 100 - tail]).tolist()
    return Figure(value, low, high)


def accuracy(label: NDArray[np.int64], p: Values, threshold: float) -> float:
    """Share of right verdicts."""
    return float(np.mean((p >= threshold) == (label == 1)))


def precision(label: NDArray[np.int64], p: Values, threshold: float) -> float:
    """Share of graphene among what is called graphene."""
    called = p >= threshold
    return float(np.mean(label[called] == 1)) if called.any() else float("nan")


def recall(label: NDArray[np.int64], p: Values, threshold: float) -> float:
    """Share of the graphene that is called graphene."""
    graphene = label == 1
    return float(np.mean(p[graphene] >= threshold)) if graphene.any() else float("nan")


def false_alarms(label: NDArray[np.int64], p: Values, threshold: float) -> float:
    """Share of everything else that is called graphene."""
    other = label == 0
    return float(np.mean(p[other] >= threshold)) if other.any() else float("nan")


def f1(label: NDArray[np.int64], p: Values, threshold: float) -> float:
    """Harmonic mean of precision and recall."""
    right = np.count_nonzero((p >= threshold) & (label == 1))
    total = np.count_nonzero(p >= threshold) + np.count_nonzero(label == 1)
    return float(2 * right / total) if label.any() else float("nan")


def roc_auc(label: NDArray[np.int64], p: Values, _: float) -> float:
    """Area under the ROC curve."""
    return float(roc_auc_score(label, p)) if _has_both(label) else float("nan")


def average_precision(label: NDArray[np.int64], p: Values, _: float) -> float:
    """Area under the precision-recall curve."""
    return float(average_precision_score(label, p)) if _has_both(label) else float("nan")


def brier(label: NDArray[np.int64], p: Values, _: float) -> float:
    """Mean squared error of the probability."""
    return (
        float(brier_score_loss(label, p)) if _has_both(label) else float(np.mean((p - label) ** 2))
    )


def calibration_error(label: NDArray[np.int64], p: Values, _: float) -> float:
    """Mean distance of probability and frequency over bins of equal counts."""
    order = np.argsort(p, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    gaps = [abs(p[part].mean() - label[part].mean()) * len(part) for part in bins]
    return float(sum(gaps) / len(label))


def _has_both(label: NDArray[np.int64]) -> bool:
    return bool(0 < label.sum() < len(label))


MEASURES: Mapping[str, Callable[[NDArray[np.int64], Values, float], float]] = {
    "accuracy": accuracy,
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "false_alarms": false_alarms,
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "brier": brier,
    "calibration_error": calibration_error,
}
