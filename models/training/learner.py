"""All that changes while a network is trained."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from models.training.config import TrainConfig
from models.training.optimiser import optimiser_of
from models.training.place import Place
from models.training.watch import Epoch

Weights = dict[str, Any]


@dataclass(slots=True, eq=False)
class Learner:
    """A network on its device and what trains it.

    No state of a random generator is among it: each epoch draws from the seed and its own number.

    Attributes
    ----------
    called : Module
        What is called in training: the network, or what shares it among processes.
    average : AveragedModel, optional
        Exponential average of the weights.
    epochs : list of Epoch
        All that are behind it.
    best : weights by name, optional
        Of the epoch with the least validation loss, where there is patience.
    """

    network: nn.Module
    called: nn.Module
    optimiser: Optimizer
    scaler: GradScaler
    average: AveragedModel | None
    epochs: list[Epoch] = field(default_factory=list)
    best: Weights | None = None

    @property
    def result(self) -> nn.Module:
        """The network to judge and to use: the average where there is one."""
        return self.network if self.average is None else self.average.module

    @property
    def precision(self) -> str:
        """Name the precision that is computed in."""
        return "float16 and float32" if self.scaler.is_enabled() else "float32"

    def is_patient(self, config: TrainConfig) -> bool:
        """Tell whether another epoch may still be better than the best one."""
        losses = [epoch.validation_loss for epoch in self.epochs]
        known = [loss for loss in losses if loss is not None]
        if config.patience is None or not known:
            return True
        return len(known) - 1 - known.index(min(known)) < config.patience

    def keep_best(self, config: TrainConfig) -> None:
        """Remember the weights where the last epoch is the best one."""
        losses = [epoch.validation_loss for epoch in self.epochs]
        known = [loss for loss in losses if loss is not None]
        if config.patience is not None and known and known.index(min(known)) == len(known) - 1:
            weights = self.result.state_dict()
            self.best = {name: value.detach().cpu().clone() for name, value in weights.items()}

    def state(self) -> Weights:
        """Gather everything to be kept, as tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "best": self.best,
        }

    def go_on_from(self, state: Weights) -> None:
        """Become what `state` was taken of."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.scaler.load_state_dict(state["scaler"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]
        self.best = state["best"]


def learner_of(network: nn.Module, config: TrainConfig, place: Place) -> Learner:
    """Make a learner before its first epoch."""
    network = network.to(place.device)
    cuda = place.device.type == "cuda"
    average = None
    if config.ema_decay > 0:
        average = AveragedModel(network, multi_avg_fn=_averaging(config.ema_decay))
    return Learner(
        network=network,
        called=place.share(network),
        optimiser=optimiser_of(network, config),
        # float16 on the CPU is slow, and what it loses is not worth it.
        scaler=torch.amp.GradScaler(place.device.type, enabled=cuda and config.mixed_precision),
        average=average,
    )


def _averaging(
    decay: float,
) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """Make an exponential average that soon forgets where a training began.

    A decay of 0.98 alone would leave the first, random weights 14 % of it after a hundred steps; a
    young average follows faster, as that of TensorFlow does with `num_updates`.
    """

    @torch.no_grad()
    def average(averages: Sequence[Tensor], weights: Sequence[Tensor], count: Tensor | int) -> None:
        share = 1 - min(decay, (1 + int(count)) / (10 + int(count)))
        for mean, weight in zip(averages, weights, strict=True):
            mean.lerp_(weight, share)

    return average
