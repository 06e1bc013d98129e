"""One network on one fold: trained, asked about the groups that were left out, written down."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import nn

from models.examples.labelled import Examples
from models.measures import Values
from models.train import train
from models.training.config import TrainConfig
from models.training.judge import predict


@dataclass(frozen=True, slots=True)
class Learned:
    """Mean training loss of each epoch, and the seconds that all took."""

    losses: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class FoldResult:
    """Result of one network on one fold.

    Attributes
    ----------
    logits : (held out,)
        Of the examples that were left out, in their order.
    losses : tuple of float
        Mean training loss of each epoch.
    seconds : float
        Of the training alone.
    """

    network: str
    fold: int
    parameters: int
    seconds: float
    losses: tuple[float, ...]
    logits: Values


def train_fold(
    network: nn.Module, seen: Examples, config: TrainConfig
) -> tuple[nn.Module, Learned]:
    """Train a network on a fold; return it, and how it learned."""
    start = time.perf_counter()
    trained = train(network, seen, config)
    losses = tuple(epoch.training_loss for epoch in trained.epochs)
    return trained.network, Learned(losses, time.perf_counter() - start)


def ask(
    network: nn.Module, held_out: Examples, name: str, fold: int, learned: Learned
) -> FoldResult:
    """Predict with a trained network on the examples that it has not seen."""
    parameters = sum(weight.numel() for weight in network.parameters())
    logits = predict(network, held_out)
    return FoldResult(name, fold, parameters, learned.seconds, learned.losses, logits)


def save_fold(result: FoldResult, path: Path) -> None:
    """Write a result whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = asdict(result) | {"logits": result.logits.tolist()}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def load_fold(path: Path) -> FoldResult:
    """Load a result of `save_fold`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["losses"] = tuple(content["losses"])
    content["logits"] = np.array(content["logits"], np.float64)
    return FoldResult(**content)
