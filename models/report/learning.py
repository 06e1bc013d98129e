"""Learning curves: a fitted decay, and in plain words whether a training should have gone on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Values = NDArray[np.float64]
# Three numbers are fitted: fewer epochs than this say nothing.
LEAST_EPOCHS = 5
# Of what the fitted curve fell so far, this much is still to come: more is worth waiting for.
STILL_TO_COME = 0.05
# The validation loss has risen by this share over its best: less is noise of a few hundred crops.
RISEN = 0.05
# Epochs whose mean stands for one: a single epoch's loss jumps.
SMOOTHED = 3

Verdict = Literal["still learning", "converged", "overfitting", "too short to tell"]
RULE = (
    f"Rule: *overfitting* if the validation loss (mean of {SMOOTHED} epochs) ends more than "
    f"{RISEN:.0%} above its best while the training loss fell on; else *still learning* if the "
    f"fitted curve floor + span * exp(-epoch / scale) has more than {STILL_TO_COME:.0%} of its "
    f"fall so far still before it; else *converged*. Under {LEAST_EPOCHS} epochs: too short to "
    "tell. The curve is fitted to the validation loss where there is one."
)


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean loss of each epoch, the first first; `validation` may be empty."""

    training: Sequence[float]
    validation: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Decay:
    """loss = floor + span * exp(-epoch / scale), epochs counted from 0."""

    floor: float
    span: float
    scale: float

    def at(self, epoch: Values) -> Values:
        """Compute the fitted loss at epochs."""
        return np.asarray(self.floor + self.span * np.exp(-epoch / self.scale))

    def to_come(self, epochs: int) -> float:
        """Compute what is still before the curve, as a share of its fall over so many epochs."""
        first, last = self.at(np.array([0.0, epochs - 1.0])).tolist()
        fallen: float = first - last
        return (last - self.floor) / fallen if fallen > 0 else 0.0


def fit_decay(losses: Sequence[float]) -> Decay:
    """Fit an exponential decay by least squares; outliers count little.

    A scale beyond ten times the length of the training cannot be told from a straight line.
    """
    values = np.asarray(losses, np.float64)
    epoch = np.arange(len(values), dtype=np.float64)
    spread = max(float(np.ptp(values)), 1e-9)

    def away(numbers: Values) -> Values:
        floor, span, scale = numbers.tolist()
        return Decay(floor, span, scale).at(epoch) - values

    start = (values.min(), spread, max(len(values) / 4, 1.0))
    bounds = ((0.0, 0.0, 0.1), (values.max() + spread, 10 * spread, 10.0 * len(values)))
    inside = np.clip(start, np.add(bounds[0], 1e-12), np.subtract(bounds[1], 1e-12))
    fit = least_squares(away, inside, bounds=bounds, loss="soft_l1", f_scale=0.1 * spread)
    floor, span, scale = fit.x.tolist()
    return Decay(floor, span, scale)


def verdict(losses: Losses) -> Verdict:
    """Tell whether a training still learned, had converged, or fitted its own examples only."""
    if len(losses.training) < LEAST_EPOCHS:
        return "too short to tell"
    if len(losses.validation) >= LEAST_EPOCHS and _overfits(losses):
        return "overfitting"
    judged = losses.validation if len(losses.validation) >= LEAST_EPOCHS else losses.training
    remains = fit_decay(judged).to_come(len(judged))
    return "still learning" if remains > STILL_TO_COME else "converged"


def _overfits(losses: Losses) -> bool:
    training, validation = _smooth(losses.training), _smooth(losses.validation)
    best = int(np.argmin(validation))
    risen = validation[-1] > (1 + RISEN) * validation[best]
    return bool(risen and training[-1] < training[min(best, len(training) - 1)])


def _smooth(values: Sequence[float]) -> Values:
    kernel = np.full(SMOOTHED, 1 / SMOOTHED)
    return np.convolve(np.asarray(values, np.float64), kernel, mode="valid")
