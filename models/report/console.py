"""Figures of an exported network as a table in the terminal."""

import numpy as np
from rich.console import Console
from rich.table import Table

from models.evaluate import Figure, Figures, evaluate
from models.report.training import Judged

COLUMNS = ("f1", "precision", "recall", "false_alarms", "roc_auc")


def print_figures(judged: Judged, title: str) -> None:
    """Print figures of all and of each acquisition group."""
    examples = judged.examples
    table = Table(title=title)
    table.add_column("group", no_wrap=True)
    for name in ("graphene", "other", *COLUMNS):
        table.add_column(name.replace("_", " "), justify="right")
    for group in ["all", *np.unique(examples.group).tolist()]:
        rows = (examples.group == group) | (group == "all")
        figures = evaluate(examples.label[rows], judged.p_graphene[rows], judged.threshold)
        table.add_row(group, str(figures.positives), str(figures.negatives), *_cells(figures))
    Console().print(table)


def _cells(figures: Figures) -> list[str]:
    return [_cell(figures.figures[name]) for name in COLUMNS]


def _cell(figure: Figure) -> str:
    return "-" if np.isnan(figure.value) else f"{figure.value:.3f}"
