"""Calibration: a temperature that makes probabilities honest, and a threshold to act on."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Labels = NDArray[np.int8]
# In steps of 2 %: a finer temperature moves no probability by 0.01.
TEMPERATURES = np.geomspace(0.2, 20, 233)
# Needless looks that cost a lab as much as one flake that is missed. A look takes seconds, and the
# next good flake may be a day of peeling away; more than two would fill the list with residue.
MISS_COST = 2.0
# From this probability on calling something graphene costs less than not to (Elkan, IJCAI 2001).
LEAST_COST = 1 / (1 + MISS_COST)


def probability(logit: Values, temperature: float) -> Values:
    """Compute p_graphene as serving does."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit / temperature, -80, 80))), np.float64)


def fit_temperature(logit: Values, label: Labels, weight: Values) -> float:
    """Temperature of least cross-entropy (Guo et al., ICML 2017).

    Parameters
    ----------
    weight : (n,)
        What each prediction counts: sources that abound must not drown the others.
    """
    margin = (2.0 * label - 1) * logit
    losses = [float((weight * np.logaddexp(0, -margin / t)).sum()) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def balanced_weights(source: NDArray[np.str_], label: Labels) -> Values:
    """Weights with which each class of each source counts the same."""
    weight = np.zeros(len(label))
    for name in np.unique(source):
        for value in (0, 1):
            rows = (source == name) & (label == value)
            weight[rows] = 1 / max(int(np.count_nonzero(rows)), 1)
    return np.asarray(weight / weight.sum(), np.float64)


def threshold_of_recall(label: Labels, p_graphene: Values, wanted: float) -> float:
    """Find the highest threshold that calls at least this share of the graphene graphene."""
    graphene = np.sort(p_graphene[label == 1])
    missed = int(np.floor((1 - wanted) * len(graphene) + 1e-9))
    return float(graphene[missed])
