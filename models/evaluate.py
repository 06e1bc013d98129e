"""Evaluation: figures with intervals, graphene positive."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.measures import MEASURES, Sample, Values, sample_of
from service.inference.classifier import is_called

Labels = NDArray[np.int8]
REPLICATES, COVERAGE = 500, 0.95
# Replicates are computed together up to this many numbers: 16 MiB.
AT_ONCE = 2_000_000
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its bootstrap intervals; nan where it is not defined.

    Attributes
    ----------
    value, low, high : float
        Interval of a bootstrap over crops, as if all were independent.
    group_low, group_high : float
        Interval of a bootstrap over whole acquisition groups: what another choice of chips would
        have given. It is the wider and the more honest one; nan for fewer than two groups.
    """

    value: float
    low: float
    high: float
    group_low: float = NAN
    group_high: float = NAN


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of how well probabilities fit labels.

    Attributes
    ----------
    positives, negatives : int
        Examples that are graphene, and that are not.
    confusion : (true negatives, false positives, false negatives, true positives)
    figures : by name
    groups : int
        Acquisition groups that the examples are of; 0 where they were not told.
    """

    positives: int
    negatives: int
    confusion: tuple[int, int, int, int]
    figures: Mapping[str, Figure]
    groups: int = 0


def evaluate(
    label: Labels, p_graphene: Values, threshold: float, group: NDArray[np.str_] | None = None
) -> Figures:
    """Compute all figures at a threshold, graphene being the positive class.

    Parameters
    ----------
    group : (n,) str, optional
        Acquisition groups, for the intervals over groups.
    """
    order = np.argsort(-p_graphene, kind="stable")
    sample = sample_of(label[order], p_graphene[order], threshold)
    names, number = np.unique(np.zeros(0) if group is None else group[order], return_inverse=True)
    rng = np.random.default_rng(0)
    over_crops = _replicates(sample, _drawn_crops(rng, len(label)))
    over_groups = _replicates(sample, _drawn_groups(rng, number)) if len(names) > 1 else {}
    even = np.ones((1, len(label)))
    called = is_called(p_graphene, threshold)
    return Figures(
        positives=int(np.count_nonzero(label == 1)),
        negatives=int(np.count_nonzero(label == 0)),
        confusion=(
            int(np.count_nonzero(~called & (label == 0))),
            int(np.count_nonzero(called & (label == 0))),
            int(np.count_nonzero(~called & (label == 1))),
            int(np.count_nonzero(called & (label == 1))),
        ),
        figures={
            name: _figure(
                float(measure(sample, even)[0]),
                over_crops[name],
                over_groups.get(name, np.zeros(0)),
            )
            for name, measure in MEASURES.items()
        },
        groups=len(names),
    )


def _drawn_crops(rng: Generator, n: int) -> Iterator[Values]:
    """Count how often each crop is drawn, (some replicates, n), n drawn with replacement."""
    for rows in _portions(n):
        drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _drawn_groups(rng: Generator, number: NDArray[np.intp]) -> Iterator[Values]:
    """Count how often each crop is drawn where whole groups are, (some replicates, n)."""
    groups = int(number.max()) + 1
    for rows in _portions(len(number)):
        drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=rows)
        yield drawn[:, number].astype(np.float64)


def _portions(n: int) -> Iterator[int]:
    together = max(AT_ONCE // max(n, 1), 1)
    for start in range(0, REPLICATES, together):
        yield min(together, REPLICATES - start)


def _replicates(sample: Sample, drawn: Iterator[Values]) -> dict[str, Values]:
    parts: dict[str, list[Values]] = {name: [] for name in MEASURES}
    for counts in drawn:
        for name, measure in MEASURES.items():
            parts[name].append(measure(sample, counts))
    return {name: np.concatenate(values) for name, values in parts.items()}


def _figure(value: float, over_crops: Values, over_groups: Values) -> Figure:
    if not np.isfinite(value):
        return Figure(NAN, NAN, NAN)
    return Figure(value, *_interval(over_crops), *_interval(over_groups))


def _interval(replicates: Values) -> tuple[float, float]:
    defined = replicates[np.isfinite(replicates)]
    if len(defined) == 0:
        return NAN, NAN
    tail = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(defined, [tail, 100 - tail]).tolist()
    return low, high
