"""From a data folder to the shipped model: read `ship` first."""

import copy
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import nn

from models.calibrate import (
    LEAST_COST,
    balanced_weights,
    fit_temperature,
    probability,
    threshold_of_recall,
)
from models.card import Result, ShipConfig, write_card
from models.evaluate import Figures, evaluate
from models.examples.gather import Gathered, gather
from models.examples.labelled import Examples, digest, join
from models.export import CLASSES, export
from models.folds import split
from models.networks import build
from models.train import Around, train
from models.training.config import TrainConfig
from models.training.judge import predict
from models.training.run_folder import as_json
from models.training.watch import Bar, progress
from service.inference.metadata import ModelMetadata


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A network and the acquisition groups that it has not seen."""

    groups: tuple[str, ...]
    network: nn.Module


def ship(
    folder: Path,
    zoo: Path,
    config: ShipConfig,
    workers: int = 1,
    cache: Path | None = None,
    keep_folds: Path | None = None,
) -> Result:
    """Train, judge, export and describe the shipped model; its files go to `zoo`.

    The networks that each left some groups out go to `keep_folds`, to judge a pipeline with.
    """
    gathered = gather(folder, config.gather, workers, cache)
    with progress() as shown:
        torch.manual_seed(config.pretraining.seed)
        base = _taught(
            build(config.network), gathered.rendered, config.pretraining, (shown, "rendered")
        )
        logits, folds = out_of_fold(base, gathered, config, shown)
        everything = join([gathered.rendered, gathered.real])
        network = _taught(base, everything, config.training, (shown, "everything"))
    temperature, threshold = calibrate(gathered.real, logits, config.recall)
    metadata = ModelMetadata(
        version=config.version,
        input_size=config.gather.size,
        classes=CLASSES,
        threshold=threshold,
        temperature=temperature,
        data_digest=digest(everything),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    some = everything.crops[:: len(everything) // 64][:64].astype(np.float32)
    difference = export(network, metadata, zoo / f"{config.version}.onnx", some)
    if keep_folds is not None:
        export_folds(folds, metadata, keep_folds, some)
    p_real = probability(logits, temperature)
    p_base = probability(predict(base, gathered.real), temperature)
    p_test = probability(predict(network, gathered.rendered_test), temperature)
    figures = {
        **figures_of(gathered.real, p_real, threshold, "out of fold"),
        **figures_of(gathered.real, p_base, threshold, "rendered only"),
        **figures_of(gathered.rendered_test, p_test, threshold, "unseen rendered tiles"),
    }
    result = Result(metadata, config, difference, gathered.verdicts, figures)
    (zoo / f"{config.version}.json").write_text(as_json(result), encoding="utf-8")
    write_card(result, zoo / f"{config.version}.md")
    return result


def _taught(
    base: nn.Module, examples: Examples, config: TrainConfig, line: tuple[Progress, str]
) -> nn.Module:
    """Train a copy of a network on with examples, shown as a line of a display."""
    around = Around(watch=Bar(*line))
    return train(copy.deepcopy(base), examples, config, around=around).network


def out_of_fold(
    base: nn.Module,
    gathered: Gathered,
    config: ShipConfig,
    shown: Progress,
) -> tuple[NDArray[np.float64], list[Fold]]:
    """Logit of each real example from a network that was trained without its group, and those."""
    logits = np.zeros(len(gathered.real))
    folds = []
    for number, (seen, held_out) in enumerate(split(gathered.real, config.folds), start=1):
        examples = join([gathered.rendered, gathered.real.where(seen)])
        settings = replace(config.training, seed=config.training.seed + number)
        network = _taught(base, examples, settings, (shown, f"fold {number}"))
        logits[held_out] = predict(network, gathered.real.where(held_out))
        groups = tuple(sorted(set(gathered.real.group[held_out].tolist())))
        folds.append(Fold(groups, network))
    return logits, folds


def export_folds(
    folds: list[Fold], metadata: ModelMetadata, folder: Path, crops: NDArray[np.float32]
) -> None:
    """Write each fold's network, and `folds.json`: the file for each group that it did not see."""
    file_of: dict[str, str] = {}
    for number, fold in enumerate(folds, start=1):
        named = replace(metadata, version=f"{metadata.version}-without-{number}")
        export(fold.network, named, folder / f"{named.version}.onnx", crops)
        file_of |= dict.fromkeys(fold.groups, f"{named.version}.onnx")
    (folder / "folds.json").write_text(json.dumps(file_of, indent=1))


def calibrate(
    real: Examples, logits: NDArray[np.float64], recall: float | None = None
) -> tuple[float, float]:
    """Fit the temperature, and the threshold of this recall or else of least cost, out of fold.

    Frames and tight crops count the same in all: only frames have the negatives of real chips, and
    only crops have enough flakes of each number of layers.
    """
    used = (real.source == "frame") | (real.source == "tight")
    label, logit = real.label[used], logits[used]
    weight = balanced_weights(real.source[used], label)
    temperature = fit_temperature(logit, label, weight)
    if recall is None:
        return temperature, LEAST_COST
    return temperature, threshold_of_recall(label, probability(logit, temperature), recall)


def figures_of(
    examples: Examples, p_graphene: NDArray[np.float64], threshold: float, how: str
) -> dict[str, Figures]:
    """Figures of each source, in all and by group."""
    found = {}
    for source in np.unique(examples.source).tolist():
        of_source = examples.source == source
        groups = np.unique(examples.group[of_source]).tolist()
        for group in ["all", *groups] if len(groups) > 1 else ["all"]:
            rows = of_source & ((examples.group == group) | (group == "all"))
            found[f"{how}: {source}, {group}"] = evaluate(
                examples.label[rows], p_graphene[rows], threshold, examples.group[rows]
            )
    return found
