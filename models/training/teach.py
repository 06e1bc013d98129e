"""From a folder of pictures to a network with its figures: read `teach` first."""

from datetime import UTC, datetime
from pathlib import Path

import cv2
import torch
from torch import nn

from models.calibrate import (
    LEAST_COST,
    balanced_weights,
    fit_temperature,
    probability,
    threshold_of_recall,
)
from models.evaluate import evaluate
from models.examples.labelled import Examples, digest
from models.examples.sources import read_source
from models.networks.pretrained import origin
from models.report.learning import Losses
from models.report.training import Judged, write_report
from models.train import Around, Trained, train
from models.training.checkpoint import CHECKPOINT
from models.training.config import RunConfig, write_config
from models.training.held_out import hold_out
from models.training.judge import predict
from models.training.place import Place
from models.training.run_folder import CONFIG, REPORT, Taught, build_network, write_result
from models.training.watch import Watch
from service.errors import Conflict


def teach(
    folder: Path, config: RunConfig, run: Path, place: Place, watch: Watch, *, resume: bool = False
) -> Taught | None:
    """Train a network on a folder; its weights, figures and report go to `run`.

    Returns
    -------
    Taught or None
        None in all processes but the leading one.

    Raises
    ------
    Conflict
        `run` holds a training already, and this is not to go on with it.
    """
    if (run / CHECKPOINT).is_file() and not resume:
        raise Conflict(f"{str(run)!r} holds a training already: resume it, or name another folder.")
    cv2.setNumThreads(1)
    sourced = read_source(folder, config.source)
    seen, held_out = hold_out(sourced.train, config.held_out)
    torch.manual_seed(config.training.seed)
    network = build_network(config)
    run.mkdir(parents=True, exist_ok=True)
    if place.leads:
        write_config(config, run / CONFIG)
    trained = train(network, seen, config.training, held_out, Around(run, place, watch))
    if not place.leads:
        return None
    temperature, threshold = choose(trained.network, held_out, config.recall)
    judged = {"held out": judge(trained.network, held_out, temperature, threshold, "held out")}
    if len(sourced.test):
        judged["test"] = judge(trained.network, sourced.test, temperature, threshold, "test folder")
    taught = Taught(
        network=config.network.name,
        parameters=sum(weight.numel() for weight in trained.network.parameters()),
        weights=origin(config.network.pretrained),
        precision=trained.precision,
        input_size=config.source.size,
        epochs=len(trained.epochs),
        took_s=sum(epoch.took_s for epoch in trained.epochs),
        temperature=temperature,
        threshold=threshold,
        data_digest=digest(sourced.train),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        held_out=tuple(sorted(set(held_out.group.tolist()))),
        verdicts=sourced.verdicts,
        figures={
            name: evaluate(one.examples.label, one.p_graphene, threshold, one.examples.group)
            for name, one in judged.items()
        },
    )
    write_result(run, taught, trained.network, seen)
    _report(run, taught, trained, judged.get("test", judged["held out"]))
    return taught


def choose(network: nn.Module, held_out: Examples, recall: float | None) -> tuple[float, float]:
    """Fit the temperature, and choose the threshold of this recall or else of least cost."""
    logit = predict(network, held_out)
    weight = balanced_weights(held_out.source, held_out.label)
    temperature = fit_temperature(logit, held_out.label, weight)
    if recall is None:
        return temperature, LEAST_COST
    return temperature, threshold_of_recall(held_out.label, probability(logit, temperature), recall)


def judge(
    network: nn.Module, examples: Examples, temperature: float, threshold: float, how: str
) -> Judged:
    """Examples with what the network says of them."""
    p_graphene = probability(predict(network, examples), temperature)
    return Judged(examples, p_graphene, threshold, how)


def _report(run: Path, taught: Taught, trained: Trained, judged: Judged) -> None:
    validation = [epoch.validation_loss for epoch in trained.epochs]
    facts = {
        "network": f"{taught.network}, {taught.parameters:,} parameters",
        "began": taught.weights,
        "computed in": taught.precision,
        "trained for": f"{taught.epochs} epochs, {taught.took_s:.0f} s",
        "temperature": f"{taught.temperature:.3f}",
        "groups held out": ", ".join(taught.held_out[:20]),
        "examples": taught.data_digest,
    }
    losses = Losses(
        [epoch.training_loss for epoch in trained.epochs],
        [loss for loss in validation if loss is not None],
    )
    write_report(run / REPORT, f"{taught.network}: {run.name}", facts, judged, losses)
