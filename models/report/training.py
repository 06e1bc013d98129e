"""One self-contained HTML report per training: read `write_report` first."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import plots
from models.evaluate import Figures, evaluate
from models.examples.labelled import Examples
from models.measures import MEASURES, Values
from models.report.learning import RULE, Losses, verdict
from models.report.page import cell, gallery, note, page, pictures, section, table
from models.report.thumbnails import of_crop
from service.inference.classifier import is_called

# As many of each kind as a person looks through.
SHOWN = 48
INTERVALS = (
    "Below each figure stand two 95 % intervals of a bootstrap: over crops, as if all were "
    "independent, and over whole acquisition groups, which is the honest one where there are many "
    "groups."
)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Examples with what a network said of them.

    Attributes
    ----------
    p_graphene : (n,)
        Calibrated probabilities.
    how : str
        What the examples are to the network, in words: "out of fold", "test folder".
    """

    examples: Examples
    p_graphene: Values
    threshold: float
    how: str


def write_report(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    judged: Judged,
    losses: Losses | None = None,
) -> Figures:
    """Write the report of one training as HTML; the figures over all its examples.

    Parameters
    ----------
    facts
        What to know of the network beside its figures: parameters, ms per crop, weights, seconds.
    """
    rows = _figures(judged)
    everything = rows["all"]
    sections = [
        section("Network", _facts(facts, judged)),
        section(
            "Figures",
            note(f"Graphene is the positive class. Judged: {judged.how}. {INTERVALS}"),
            _table(rows),
        ),
        section("Pictures", pictures(_pictures(judged, everything))),
    ]
    if losses is not None and losses.training:
        drawn = pictures([plots.loss(losses)])
        sections.append(section(f"Learning: {verdict(losses)}", drawn, note(RULE)))
    sections += [_misses(judged, graphene=True), _misses(judged, graphene=False)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(title, sections), encoding="utf-8")
    return everything


def _facts(facts: Mapping[str, str], judged: Judged) -> str:
    rows = {**facts, "threshold of p_graphene": f"{judged.threshold:.3f}"}
    return table(("what", "value"), [(escape(name), escape(value)) for name, value in rows.items()])


def _figures(judged: Judged) -> dict[str, Figures]:
    """Evaluate the figures of all, of each source, and of each group."""
    examples = judged.examples
    chosen: dict[str, NDArray[np.bool_]] = {"all": np.ones(len(examples), np.bool_)}
    for column, word in ((examples.source, "source"), (examples.group, "group")):
        names = np.unique(column).tolist()
        if len(names) > 1:
            chosen |= {f"{word} {name}": column == name for name in names}
    return {
        name: evaluate(
            examples.label[rows], judged.p_graphene[rows], judged.threshold, examples.group[rows]
        )
        for name, rows in chosen.items()
    }


def _table(rows: Mapping[str, Figures]) -> str:
    names = [name.replace("_", " ") for name in MEASURES]
    return table(
        ("set", "graphene", "other", *names),
        [
            (
                escape(name),
                str(figures.positives),
                str(figures.negatives),
                *(cell(figures.figures[measure]) for measure in MEASURES),
            )
            for name, figures in rows.items()
        ],
    )


def _pictures(judged: Judged, everything: Figures) -> list[str]:
    drawn = [plots.confusion(everything.confusion)]
    if everything.positives and everything.negatives:
        curves = {judged.how: (judged.examples.label, judged.p_graphene)}
        drawn += [plots.roc(curves), plots.precision_recall(curves), plots.calibration(curves)]
    return drawn


def _misses(judged: Judged, *, graphene: bool) -> str:
    """Wrong verdicts, the surest first."""
    wrong = is_called(judged.p_graphene, judged.threshold) != graphene
    rows = np.flatnonzero(wrong & (judged.examples.label == int(graphene)))
    rows = rows[np.argsort(judged.p_graphene[rows] * (1 if graphene else -1))]
    title = "Missed graphene" if graphene else "False alarms"
    shown = [
        (
            of_crop(judged.examples.crops[row]),
            f"p {judged.p_graphene[row]:.2f}, {judged.examples.group[row]}, "
            f"{judged.examples.source[row]}",
        )
        for row in rows[:SHOWN].tolist()
    ]
    return section(f"{title}: {len(rows)}, the surest {len(shown)} shown", gallery(shown))
