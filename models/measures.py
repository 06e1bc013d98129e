"""Measures of probabilities against labels, each over many bootstrap replicates at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.inference.classifier import is_called

Values = NDArray[np.float64]
# Bins of equal numbers of predictions for the calibration error.
BINS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Labels and probabilities, the most probable first.

    Attributes
    ----------
    label : (n,) float64
        1 graphene, 0 not.
    p : (n,) float64
    ends : (k,) int
        Where each run of equal probabilities ends: within a run there is no order.
    threshold : float
    """

    label: Values
    p: Values
    ends: NDArray[np.intp]
    threshold: float


def sample_of(label: NDArray[np.int8], p_graphene: Values, threshold: float) -> Sample:
    """Make the sample of labels and probabilities that are sorted, most probable first."""
    ends = np.flatnonzero(np.append(np.diff(p_graphene) != 0, True))
    return Sample(label.astype(np.float64), p_graphene, ends, threshold)


def accuracy(sample: Sample, counts: Values) -> Values:
    """Share of right verdicts."""
    right = is_called(sample.p, sample.threshold) == (sample.label == 1)
    return _share(counts @ right, counts.sum(axis=1))


def precision(sample: Sample, counts: Values) -> Values:
    """Share of graphene among what is called graphene."""
    called = is_called(sample.p, sample.threshold)
    return _share(counts @ (called * sample.label), counts @ called)


def recall(sample: Sample, counts: Values) -> Values:
    """Share of the graphene that is called graphene."""
    called = is_called(sample.p, sample.threshold)
    return _share(counts @ (called * sample.label), counts @ sample.label)


def false_alarms(sample: Sample, counts: Values) -> Values:
    """Share of everything else that is called graphene."""
    other = 1 - sample.label
    return _share(counts @ (is_called(sample.p, sample.threshold) * other), counts @ other)


def f1(sample: Sample, counts: Values) -> Values:
    """Harmonic mean of precision and recall; not defined where there is no graphene."""
    called = is_called(sample.p, sample.threshold)
    graphene = counts @ sample.label
    total = np.where(graphene > 0, counts @ called + graphene, 0)
    return _share(2 * (counts @ (called * sample.label)), total)


def roc_auc(sample: Sample, counts: Values) -> Values:
    """Area under the ROC curve, ties counting half."""
    found, false = _steps(sample, counts)
    before = np.cumsum(found, axis=1) - found
    area = (false * (before + found / 2)).sum(axis=1)
    return _share(area, found.sum(axis=1) * false.sum(axis=1))


def average_precision(sample: Sample, counts: Values) -> Values:
    """Area under the precision-recall curve as a sum of steps, without interpolation."""
    found, false = _steps(sample, counts)
    called = np.cumsum(found + false, axis=1)
    precise = np.cumsum(found, axis=1) / np.maximum(called, 1e-12)
    both = np.where(false.sum(axis=1) > 0, found.sum(axis=1), 0)
    return _share((found * precise).sum(axis=1), both)


def brier(sample: Sample, counts: Values) -> Values:
    """Mean squared error of the probability."""
    return _share(counts @ (sample.p - sample.label) ** 2, counts.sum(axis=1))


def calibration_error(sample: Sample, counts: Values) -> Values:
    """Mean distance of probability and frequency over bins of equal counts."""
    error = counts * (sample.p - sample.label)
    bins = [part for part in np.array_split(np.arange(len(sample.p))[::-1], BINS) if len(part)]
    gaps = np.stack([np.abs(error[:, part].sum(axis=1)) for part in bins])
    return _share(gaps.sum(axis=0), counts.sum(axis=1))


def _steps(sample: Sample, counts: Values) -> tuple[Values, Values]:
    """Graphene and other that each run of equal probabilities adds, (replicates, k)."""
    starts = np.append(0, sample.ends[:-1] + 1)
    found = np.add.reduceat(counts * sample.label, starts, axis=1)
    false = np.add.reduceat(counts * (1 - sample.label), starts, axis=1)
    return found, false


def _share(part: Values, whole: Values) -> Values:
    """Part of whole, nan where there is no whole."""
    empty = whole == 0
    return np.where(empty, np.nan, part / np.where(empty, 1, whole))


MEASURES: Mapping[str, Callable[[Sample, Values], Values]] = {
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
