"""Figures of an exported network as a table."""

from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from models.evaluate import Figure, Figures, evaluate
from models.examples.annotation import read_frames
from models.examples.frames import frame_examples
from models.examples.labelled import join
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.zoo import shipped_model

COLUMNS = ("f1", "precision", "recall", "false_alarms", "roc_auc")


def report(folder: Path, model: Path | None) -> None:
    """Print the figures of a model, or of the shipped one, on a folder of annotated frames."""
    cv2.setNumThreads(1)
    classifier = OnnxClassifier(model or shipped_model(), wish="cpu")
    rng = np.random.default_rng(0)
    examples = join(
        [
            frame_examples(frame, rng, classifier.input_size)[0]
            for frame in read_frames(folder / "frames")
        ]
    )
    p_graphene = classifier.classify(examples.crops.astype(np.float32)).astype(np.float64)
    table = Table(title=classifier.version)
    table.add_column("group", no_wrap=True)
    for name in ("graphene", "other", *COLUMNS):
        table.add_column(name.replace("_", " "), justify="right")
    for group in ["all", *np.unique(examples.group).tolist()]:
        rows = (examples.group == group) | (group == "all")
        figures = evaluate(examples.label[rows], p_graphene[rows], classifier.threshold)
        table.add_row(group, str(figures.positives), str(figures.negatives), *_cells(figures))
    Console().print(table)


def _cells(figures: Figures) -> list[str]:
    return [_cell(figures.figures[name]) for name in COLUMNS]


def _cell(figure: Figure) -> str:
    return "-" if np.isnan(figure.value) else f"{figure.value:.3f}"
