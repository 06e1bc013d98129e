"""Judge an exported network on labelled pictures, through the classifier that serves."""

import platform
import time
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from models.examples.labelled import Examples
from models.examples.sources import SourceConfig, read_source
from models.report.console import print_figures
from models.report.training import Judged, write_report
from service.errors import InvalidValue
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.shipped import shipped_model

# What serving sees; beside them, flakes laid on other ground are made to train on.
AS_SERVED = "frame"


def judge_model(folder: Path, model: Path | None, out: Path | None, group_by: str) -> None:
    """Print the figures of a model, or of the shipped one; and write its report to `out`.

    Raises
    ------
    InvalidValue
        The folder gives no example.
    """
    cv2.setNumThreads(1)
    classifier = OnnxClassifier(model or shipped_model(), threads=1, wish="cpu")
    examples = examples_to_judge(folder, classifier.input_size, group_by)
    if not len(examples):
        raise InvalidValue(f"{folder} gives no labelled crop to judge by.")
    start = time.perf_counter()
    p_graphene = classifier.classify(examples.crops.astype(np.float32)).astype(np.float64)
    ms_per_crop = 1000 * (time.perf_counter() - start) / len(examples)
    judged = Judged(examples, p_graphene, classifier.threshold, f"all of {folder.name}")
    print_figures(judged, classifier.version)
    if out is not None:
        facts = {
            "model version": classifier.version,
            "trained on": classifier.metadata.data_digest,
            "exported": classifier.metadata.created,
            "temperature": f"{classifier.metadata.temperature:.3f}",
            "ms per crop": f"{ms_per_crop:.2f} (one thread, {platform.machine()})",
        }
        write_report(out, f"{classifier.version} on {folder.name}", facts, judged)
        Console().print(f"written: {out}")


def examples_to_judge(folder: Path, size: int, group_by: str) -> Examples:
    """Choose a folder's test part if it has one; of annotated frames, the candidates; else all."""
    config = SourceConfig(size=size, variants=0, group_by=group_by)
    sourced = read_source(folder, config)
    if len(sourced.test):
        return sourced.test
    as_served = sourced.train.source == AS_SERVED
    return sourced.train.where(as_served) if as_served.any() else sourced.train
