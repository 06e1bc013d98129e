"""What a model's probabilities are worth: figures, and the points of every curve."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.inference.classifier import is_called
from service.registry.curve_schemas import Bar, Confusion, Figures, PrecisionPoint, RocPoint

Values = NDArray[np.float64]
Labels = NDArray[np.bool_]

# More points than a plot has pixels for tell nothing.
MOST_POINTS = 200
# Bars of the reliability diagram, each as wide.
BARS = 10
# Bins of equal counts for the calibration error, as `models.measures` has them: the figures of a
# training's report and these can be compared.
CALIBRATION_BINS = 12


@dataclass(frozen=True, slots=True)
class Judgement:
    """A model's answers to labelled crops; lists are empty where there is nothing to draw."""

    graphene: int
    other: int
    confusion: Confusion
    figures: Figures
    roc: list[RocPoint]
    precision_recall: list[PrecisionPoint]
    reliability: list[Bar]


def judge(p_graphene: NDArray[Any], is_graphene: Labels, threshold: float) -> Judgement:
    """Judge probabilities (n,) by labels (n,); n may be 0."""
    p = p_graphene.astype(np.float64)
    confusion = _confusion(is_called(p, threshold), is_graphene)
    ladder = _ladder(p, is_graphene)
    return Judgement(
        graphene=int(is_graphene.sum()),
        other=int((~is_graphene).sum()),
        confusion=confusion,
        figures=_figures(p, is_graphene, confusion, ladder),
        roc=_roc(ladder),
        precision_recall=_precision_recall(ladder),
        reliability=_reliability(p, is_graphene) if len(p) else [],
    )


def worst(
    p_graphene: NDArray[Any], is_graphene: Labels, threshold: float, most: int
) -> NDArray[np.intp]:
    """Find the crops with the wrong verdict, the surest mistakes first."""
    wrong = np.flatnonzero(is_called(p_graphene, threshold) != is_graphene)
    error = np.abs(p_graphene[wrong] - is_graphene[wrong])
    return wrong[np.argsort(-error, kind="stable")[:most]]


@dataclass(frozen=True, slots=True, eq=False)
class _Ladder:
    """From each distinct probability on, falling: how many are called graphene, rightly or not."""

    threshold: Values
    right: Values
    wrong: Values

    @property
    def has_both(self) -> bool:
        return bool(len(self.right) and self.right[-1] and self.wrong[-1])


def _ladder(p: Values, is_graphene: Labels) -> _Ladder:
    order = np.argsort(-p, kind="stable")
    falling, label = p[order], is_graphene[order].astype(np.float64)
    # Within a run of equal probabilities there is no order.
    ends = np.flatnonzero(np.append(np.diff(falling) != 0, True)) if len(p) else np.zeros(0, int)
    return _Ladder(falling[ends], np.cumsum(label)[ends], np.cumsum(1 - label)[ends])


def _confusion(called: Labels, is_graphene: Labels) -> Confusion:
    return Confusion(
        true_graphene=int(np.sum(called & is_graphene)),
        missed=int(np.sum(~called & is_graphene)),
        false_alarms=int(np.sum(called & ~is_graphene)),
        true_other=int(np.sum(~called & ~is_graphene)),
    )


def _figures(p: Values, is_graphene: Labels, by: Confusion, ladder: _Ladder) -> Figures:
    graphene, other = by.true_graphene + by.missed, by.false_alarms + by.true_other
    recall = _share(by.true_graphene, graphene)
    false_alarm_rate = _share(by.false_alarms, other)
    both = None
    if recall is not None and false_alarm_rate is not None:
        both = (recall + 1 - false_alarm_rate) / 2
    harmonic = 2 * by.true_graphene + by.missed + by.false_alarms
    return Figures(
        accuracy=_share(by.true_graphene + by.true_other, len(p)),
        balanced_accuracy=both,
        precision=_share(by.true_graphene, by.true_graphene + by.false_alarms),
        recall=recall,
        f1=_share(2 * by.true_graphene, harmonic) if graphene else None,
        false_alarm_rate=false_alarm_rate,
        roc_auc=_roc_auc(ladder) if ladder.has_both else None,
        average_precision=_average_precision(ladder) if ladder.has_both else None,
        brier=float(np.mean((p - is_graphene) ** 2)) if len(p) else None,
        calibration_error=_calibration_error(p, is_graphene) if len(p) else None,
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _roc_auc(ladder: _Ladder) -> float:
    """Ties count half."""
    recall = np.append(0, ladder.right) / ladder.right[-1]
    false = np.append(0, ladder.wrong) / ladder.wrong[-1]
    return float(np.sum(np.diff(false) * (recall[1:] + recall[:-1]) / 2))


def _average_precision(ladder: _Ladder) -> float:
    """Area under the steps, without interpolation."""
    gained = np.diff(np.append(0, ladder.right)) / ladder.right[-1]
    return float(np.sum(gained * ladder.right / (ladder.right + ladder.wrong)))


def _calibration_error(p: Values, is_graphene: Labels) -> float:
    order = np.argsort(p, kind="stable")
    error = (p - is_graphene)[order]
    bins = [part for part in np.array_split(error, CALIBRATION_BINS) if len(part)]
    return float(sum(abs(part.sum()) for part in bins) / len(p))


def _roc(ladder: _Ladder) -> list[RocPoint]:
    if not ladder.has_both:
        return []
    rows = _thinned(len(ladder.threshold))
    points = zip(
        ladder.threshold[rows].tolist(),
        (ladder.wrong[rows] / ladder.wrong[-1]).tolist(),
        (ladder.right[rows] / ladder.right[-1]).tolist(),
        strict=True,
    )
    none_called = RocPoint(threshold=None, false_alarm_rate=0.0, recall=0.0)
    return [
        none_called,
        *(
            RocPoint(threshold=threshold, false_alarm_rate=false_alarm_rate, recall=recall)
            for threshold, false_alarm_rate, recall in points
        ),
    ]


def _precision_recall(ladder: _Ladder) -> list[PrecisionPoint]:
    if not ladder.has_both:
        return []
    rows = _thinned(len(ladder.threshold))
    right, wrong = ladder.right[rows], ladder.wrong[rows]
    points = zip(
        ladder.threshold[rows].tolist(),
        (right / ladder.right[-1]).tolist(),
        (right / (right + wrong)).tolist(),
        strict=True,
    )
    return [
        PrecisionPoint(threshold=threshold, recall=recall, precision=precision)
        for threshold, recall, precision in points
    ]


def _thinned(length: int) -> NDArray[np.intp]:
    """Choose at most so many rows, evenly, the first and the last among them."""
    return np.unique(np.linspace(0, length - 1, min(length, MOST_POINTS - 1)).round().astype(int))


def _reliability(p: Values, is_graphene: Labels) -> list[Bar]:
    which = np.minimum((p * BARS).astype(int), BARS - 1)
    bars = []
    for number in range(BARS):
        own = which == number
        any_there = bool(own.any())
        bars.append(
            Bar(
                low=number / BARS,
                high=(number + 1) / BARS,
                p_mean=float(p[own].mean()) if any_there else None,
                graphene_share=float(is_graphene[own].mean()) if any_there else None,
                crops=int(own.sum()),
            )
        )
    return bars
