"""Training: read it from top to bottom."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.augment import Jitter, augment
from models.examples.labelled import GRAPHENE, Examples

Watch = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that a training depends on beside its examples; stored with its result."""

    steps: int = 2500  # batches, not epochs: sources differ in size by a hundred times
    batch: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.05  # share of the steps in which the learning rate rises
    ema_decay: float = 0.998  # the shipped weights are an average over about 500 steps
    positive_share: float = 0.45  # of a batch; true chips have far fewer, the threshold knows
    # Share of a batch from each source: the rendered ones generalise, the real ones are true.
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "rendered": 0.45,
            "rendered outline": 0.1,
            "frame": 0.2,
            "outline": 0.05,
            "tight": 0.2,
        }
    )
    jitter: Jitter = field(default_factory=Jitter)
    seed: int = 0
    threads: int = 2


def train(
    network: nn.Module, examples: Examples, config: TrainConfig, watch: Watch | None = None
) -> nn.Module:
    """Train a network in place; its averaged copy, which is the one to use.

    Parameters
    ----------
    watch
        Called after each step with its number, from 1, and its loss.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    random = torch.Generator().manual_seed(config.seed)
    crops, labels = torch.from_numpy(examples.crops), torch.from_numpy(examples.label).float()
    weights = torch.from_numpy(sampling_weights(examples, config))
    optimiser = AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = LambdaLR(optimiser, lambda step: learning_rate_factor(step, config))
    averaging = get_ema_multi_avg_fn(config.ema_decay)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
    network.train()
    for step in range(1, config.steps + 1):
        chosen = torch.multinomial(weights, config.batch, replacement=True, generator=random)
        batch = augment(crops[chosen].float(), config.jitter, random)
        loss = functional.binary_cross_entropy_with_logits(network(batch), labels[chosen])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        average.update_parameters(network)
        if watch:
            watch(step, loss.item())
    averaged: nn.Module = average.module
    return averaged.eval()


def sampling_weights(examples: Examples, config: TrainConfig) -> NDArray[np.float64]:
    """Probability of each example's being drawn: every source has its share, split by class."""
    weights = np.zeros(len(examples))
    for source, share in config.shares.items():
        of_source = examples.source == source
        for positive, part in ((True, config.positive_share), (False, 1 - config.positive_share)):
            rows = of_source & ((examples.label == GRAPHENE) == positive)
            weights[rows] = share * part / max(int(np.count_nonzero(rows)), 1)
    return np.asarray(weights / weights.sum(), np.float64)


def learning_rate_factor(step: int, config: TrainConfig) -> float:
    """Linear warm-up, then half a cosine down to 0."""
    rise = max(config.warm_up * config.steps, 1)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(config.steps - rise, 1)))


def predict(network: nn.Module, examples: Examples, batch: int = 512) -> NDArray[np.float64]:
    """Logits of examples, (n,)."""
    network.eval()
    with torch.inference_mode():
        parts = [
            network(torch.from_numpy(examples.crops[start : start + batch]).float()).double()
            for start in range(0, len(examples), batch)
        ]
    logits: Tensor = torch.cat([torch.zeros(0, dtype=torch.float64), *parts])
    return logits.numpy()


def bar(progress: Progress, title: str, config: TrainConfig) -> Watch:
    """A line of a progress bar that shows a training's steps and its recent loss."""
    line = progress.add_task(title, total=config.steps, loss=math.nan)
    recent = math.nan

    def watch(step: int, loss: float) -> None:
        nonlocal recent
        # About the last fifty steps: one batch alone says little.
        recent = loss if math.isnan(recent) else 0.98 * recent + 0.02 * loss
        progress.update(line, completed=step, loss=recent)

    return watch
