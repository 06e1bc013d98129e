"""Whether one model is worse than another on the same crops, beyond chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# 2,000 resamples give the ends of a 95 % interval to about a tenth of its width.
RESAMPLES = 2000
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Comparison:
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
        """Whether even the upper end of the interval is below 0."""
        return self.high < 0


def compare(
    truth: NDArray[np.bool_], active: NDArray[np.bool_], candidate: NDArray[np.bool_]
) -> Comparison:
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
    return Comparison(len(truth), float(own[0]), float(own[1]), float(low), float(high))


def _drawn(gain: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Mean gains of resamples. A gain is -1, 0 or 1: drawing is counting how often each comes."""
    worse, better = np.mean(gain < 0), np.mean(gain > 0)
    counts = rng.multinomial(len(gain), [worse, better, 1 - worse - better], size=RESAMPLES)
    return np.asarray((counts[:, 1] - counts[:, 0]) / len(gain), np.float64)
