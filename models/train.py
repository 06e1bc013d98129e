"""Training: read it from top to bottom."""

import math
import time
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from models.examples.labelled import Examples, digest
from models.networks.freeze import rest
from models.training.batch_norm import measure_batch_norms
from models.training.batches import Batches, graphene_weight
from models.training.checkpoint import identity, load_checkpoint, save_checkpoint
from models.training.config import TrainConfig
from models.training.judge import Judged, judge
from models.training.learner import Learner, learner_of
from models.training.optimiser import l1_penalty, set_rate
from models.training.place import Place, alone
from models.training.watch import Epoch, Silent, Watch
from service.errors import InvalidValue

# Batches that measure what batch norms subtract and divide by: 512 crops or more.
BATCH_NORM_STEPS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """Surroundings of a training: its folder, its place and its watch.

    Attributes
    ----------
    run : Path, optional
        Folder for a checkpoint and `epochs.jsonl`; a training that was killed goes on from there
        and ends as if it had not been.
    """

    run: Path | None = None
    place: Place = field(default_factory=alone)
    watch: Watch = field(default_factory=Silent)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network to use, in evaluation mode on the CPU, and how it came about.

    Attributes
    ----------
    epochs : tuple of Epoch
        All that were trained; fewer than configured where it stopped early.
    precision : str
        What was computed in, in words.
    """

    network: nn.Module
    epochs: tuple[Epoch, ...]
    precision: str


@dataclass(frozen=True, slots=True)
class Learned:
    """An epoch's mean loss, the learning rate at its end, and its seconds."""

    loss: float
    rate: float
    took_s: float


def train(
    network: nn.Module,
    examples: Examples,
    config: TrainConfig,
    validation: Examples | None = None,
    around: Around | None = None,
) -> Trained:
    """Train a network in place; what comes back is its average, of its best epoch if patient.

    Parameters
    ----------
    validation
        Judged after each epoch, never trained on.

    Raises
    ------
    Conflict
        The run's folder is of a training with other settings or examples.
    InvalidValue
        The settings do not fit the examples, or there is patience but nothing held out.
    """
    around = around or Around()
    if config.patience is not None and not validation:
        raise InvalidValue("Early stopping needs held-out examples to look at.")
    torch.set_num_threads(config.threads)
    learner = learner_of(network, config, around.place)
    belongs_to = identity(config, digest(examples), validation and digest(validation))
    if around.run is not None:
        load_checkpoint(around.run, learner, belongs_to)
    batches = Batches(examples, config, around.place)
    weight = graphene_weight(examples) if config.class_weights else 1.0
    around.watch.begin(len(learner.epochs) * batches.steps, config.epochs * batches.steps)
    while len(learner.epochs) < config.epochs and learner.is_patient(config):
        learned = _learn(learner, batches, config, weight, around)
        if validation or len(learner.epochs) + 1 == config.epochs:
            # Epochs count from 1: these batches are the same every time.
            measure_batch_norms(learner.result, islice(batches.of_epoch(0), BATCH_NORM_STEPS))
        judged = _judge(learner, validation, around.place)
        learner.epochs.append(_epoch(learner, config, learned, judged))
        learner.keep_best(config)
        if around.run is not None and around.place.leads:
            save_checkpoint(around.run, learner, belongs_to)
        around.watch.epoch(learner.epochs[-1])
    if learner.best is not None:
        learner.result.load_state_dict(learner.best)
    return Trained(learner.result.eval().cpu(), tuple(learner.epochs), learner.precision)


def _learn(
    learner: Learner, batches: Batches, config: TrainConfig, weight: float, around: Around
) -> Learned:
    """Train for one epoch."""
    began = time.monotonic()
    step, total, rate = len(learner.epochs) * batches.steps, 0.0, 0.0
    learner.called.train()
    rest(learner.network)
    for crops, label in batches.of_epoch(len(learner.epochs) + 1):
        rate = set_rate(learner.optimiser, step, batches.steps, config)
        with torch.autocast(crops.device.type, enabled=learner.scaler.is_enabled()):
            logit = learner.called(crops).float()
        loss = binary_cross_entropy_with_logits(logit, label, pos_weight=label.new_tensor(weight))
        penalised = loss + l1_penalty(learner.network, config)
        learner.optimiser.zero_grad()
        learner.scaler.scale(penalised).backward()  # type: ignore[no-untyped-call]
        learner.scaler.step(learner.optimiser)
        learner.scaler.update()
        if learner.average is not None:
            learner.average.update_parameters(learner.network)
        step, total = step + 1, total + loss.item()
        around.watch.step(step, loss.item())
    return Learned(around.place.mean(total / batches.steps), rate, time.monotonic() - began)


def _judge(learner: Learner, validation: Examples | None, place: Place) -> Judged | None:
    """Judge in the leading process and share its loss; all must stop after the same epoch."""
    if not validation:
        return None
    found = judge(learner.result, validation) if place.leads else Judged(math.nan, {})
    return replace(found, loss=place.agree(found.loss))


def _epoch(learner: Learner, config: TrainConfig, learned: Learned, judged: Judged | None) -> Epoch:
    """Make the record of the epoch just over."""
    number = len(learner.epochs) + 1
    took_s = [epoch.took_s for epoch in learner.epochs] + [learned.took_s]
    return Epoch(
        number=number,
        epochs=config.epochs,
        training_loss=learned.loss,
        learning_rate=learned.rate,
        took_s=learned.took_s,
        left_s=(config.epochs - number) * sum(took_s) / number,
        validation_loss=judged.loss if judged else None,
        figures=judged.figures if judged else {},
    )
