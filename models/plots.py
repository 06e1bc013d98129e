"""Pictures of how good a network is, as SVG texts that are legible when projected."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from models.measures import BINS, Values
from models.report.learning import LEAST_EPOCHS, Losses, fit_decay, verdict

Labels = NDArray[np.int8]
# Name of a curve -> labels and probabilities.
Predictions = Mapping[str, tuple[Labels, Values]]
# Told apart by people with any colour vision (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
STYLE: dict[Any, Any] = {
    "font.size": 15,
    "axes.titlesize": 17,
    "lines.linewidth": 2.5,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "svg.hashsalt": "flakescope",  # the same figures give the same file
}


def roc(predictions: Predictions) -> str:
    """Found graphene over false alarms at every threshold."""
    figure, axes = _axes("ROC", "false alarms (share of the others)", "recall")
    for number, (name, (label, p)) in enumerate(predictions.items()):
        false, found, _ = roc_curve(label, p, drop_intermediate=True)
        axes.plot(false, found, **_line(number, name))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
    return _svg(figure, axes)


def precision_recall(predictions: Predictions) -> str:
    """Precision over recall at every threshold."""
    figure, axes = _axes("Precision and recall of graphene", "recall", "precision")
    for number, (name, (label, p)) in enumerate(predictions.items()):
        precise, found, _ = precision_recall_curve(label, p, drop_intermediate=True)
        axes.plot(found, precise, drawstyle="steps-post", **_line(number, name))
    axes.set_ylim(0, 1.03)
    return _svg(figure, axes)


def calibration(predictions: Predictions) -> str:
    """Plot how often it is graphene over how probable it was called, in bins of equal counts."""
    figure, axes = _axes("Calibration", "p_graphene, mean of a bin", "share that is graphene")
    for number, (name, (label, p)) in enumerate(predictions.items()):
        bins = [part for part in np.array_split(np.argsort(p), BINS) if len(part)]
        called, true = [p[b].mean() for b in bins], [label[b].mean() for b in bins]
        axes.plot(called, true, marker="o", **_line(number, name))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
    return _svg(figure, axes)


def confusion(counts: tuple[int, int, int, int]) -> str:
    """Plot four counts (true negatives, false positives, false negatives, true positives)."""
    figure, axes = _axes("Confusion", "called", "is")
    negatives, false, missed, found = counts
    table = np.array([[found, missed], [false, negatives]], np.float64)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        colour = "white" if share[row, column] > 0.5 else "black"
        text = f"{count:.0f}\n{share[row, column]:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=20)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 1], ["graphene", "other"])
    axes.grid(visible=False)
    return _svg(figure, axes)


def loss(losses: Losses) -> str:
    """Loss per epoch with the fitted decay, and the verdict as title."""
    figure, axes = _axes(f"Loss: {verdict(losses)}", "epoch", "mean loss")
    curves = {"training": losses.training, "validation": losses.validation}
    for number, (name, values) in enumerate(curves.items()):
        if not values:
            continue
        epoch = np.arange(1, len(values) + 1)
        axes.plot(epoch, values, marker="o", markersize=4, **_line(number, name))
        if len(values) >= LEAST_EPOCHS:
            axes.plot(
                epoch,
                fit_decay(values).at((epoch - 1).astype(np.float64)),
                color=COLOURS[number],
                linestyle="--",
                linewidth=1.5,
                label=f"{name}, fitted",
            )
    axes.set_ylim(bottom=0)
    return _svg(figure, axes)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    with rc_context(STYLE):
        figure = Figure(figsize=(7, 5.6), layout="constrained")
        axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _line(number: int, name: str) -> dict[str, Any]:
    styles = ("-", "--")
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": styles[number // len(COLOURS) % len(styles)],
        "label": name,
    }


def _svg(figure: Figure, axes: Axes) -> str:
    with rc_context(STYLE):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=12)
        text = io.StringIO()
        # Without a date: the same figures give the same file.
        figure.savefig(text, format="svg", metadata={"Date": None})
    content = text.getvalue()
    # Without the XML declaration, which HTML has no place for.
    return content[content.index("<svg") :]
