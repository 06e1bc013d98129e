"""From what the networks said to figures: by set and by left-out group."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibrate import balanced_weights, fit_temperature, probability
from models.compare.run import Compared
from models.evaluate import Figures, evaluate
from models.examples.labelled import Examples
from models.measures import Values

# More likely graphene than not.
THRESHOLD = 0.5
# What is judged: flakes as tight crops and the pipeline's own candidates. Badly outlined copies are
# trained on only.
SOURCES = ("frame", "tight")
ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class NetworkFigures:
    """One network, judged on what each of its trainings had left out.

    Attributes
    ----------
    p_graphene : (judged examples,)
    sets : all, frame, tight -> Figures
    groups : acquisition group -> Figures
    """

    p_graphene: Values
    sets: Mapping[str, Figures]
    groups: Mapping[str, Figures]


def judged_rows(examples: Examples) -> NDArray[np.bool_]:
    """Mark the examples that are judged."""
    return np.isin(examples.source, SOURCES)


def judge_network(compared: Compared, name: str) -> NetworkFigures:
    """Compute the figures of one network."""
    rows = judged_rows(compared.examples)
    examples = compared.examples.where(rows)
    p_graphene = _calibrated(compared, name)[rows]
    sources = [s for s in SOURCES if (examples.source == s).any()]
    sets = {ALL: np.ones(len(examples), np.bool_)} | {s: examples.source == s for s in sources}
    groups = {g: examples.group == g for g in np.unique(examples.group).tolist()}
    return NetworkFigures(
        p_graphene,
        {key: _figures(examples, p_graphene, mask) for key, mask in sets.items()},
        {key: _figures(examples, p_graphene, mask) for key, mask in groups.items()},
    )


def _figures(examples: Examples, p_graphene: Values, rows: NDArray[np.bool_]) -> Figures:
    return evaluate(examples.label[rows], p_graphene[rows], THRESHOLD, examples.group[rows])


def _calibrated(compared: Compared, name: str) -> Values:
    """Probability of each example; the temperature of a fold comes from the other folds."""
    examples = compared.examples
    logits = np.zeros(len(examples))
    for held_out, result in zip(compared.folds, compared.results[name], strict=True):
        logits[held_out] = result.logits
    p_graphene = np.zeros(len(examples))
    for held_out in compared.folds:
        others = ~held_out & judged_rows(examples)
        weight = balanced_weights(examples.source[others], examples.label[others])
        temperature = fit_temperature(logits[others], examples.label[others], weight)
        p_graphene[held_out] = probability(logits[held_out], temperature)
    return p_graphene
