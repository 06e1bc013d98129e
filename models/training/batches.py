"""Batches of varied crops, drawn so that an epoch depends on the seed and its number alone."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from models.augment import augment
from models.examples.labelled import GRAPHENE, Examples
from models.training.config import TrainConfig
from models.training.place import Place
from service.errors import InvalidValue

# Kinds of chance: what is drawn, how it is varied, which units drop out.
DRAWN, VARIED, DROPPED = 0, 1, 2


class Batches:
    """All batches of a training; several processes take turns within each.

    Raises
    ------
    InvalidValue
        There is nothing to draw, or a batch cannot be dealt out evenly.
    """

    def __init__(self, examples: Examples, config: TrainConfig, place: Place) -> None:
        if config.batch % place.processes:
            raise InvalidValue(
                f"A batch of {config.batch} cannot be dealt out evenly to {place.processes} "
                "processes."
            )
        self._config, self._place = config, place
        self._crops = torch.from_numpy(examples.crops)
        self._label = torch.from_numpy(examples.label).float()
        self._weights = torch.from_numpy(sampling_weights(examples, config))
        self.steps = config.epoch_steps or max(len(examples) // config.batch, 1)

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Crops (n, size, size, 4) and labels (n,) on the device: this process's part of each."""
        config, place = self._config, self._place
        drawing = Generator().manual_seed(seed_of(config.seed, epoch, DRAWN))
        varying = Generator(place.device)
        varying.manual_seed(seed_of(config.seed, epoch, VARIED, place.process))
        torch.manual_seed(seed_of(config.seed, epoch, DROPPED, place.process))
        for chosen in self._choose(drawing):
            mine = chosen[place.process :: place.processes]
            crops = self._crops[mine].to(place.device).float()
            yield augment(crops, config.jitter, varying), self._label[mine].to(place.device)

    def _choose(self, drawing: Generator) -> Iterator[Tensor]:
        n, batch = len(self._label), self._config.batch
        order = torch.zeros(0, dtype=torch.int64)
        for _ in range(self.steps):
            if self._config.sampling != "once":
                yield torch.multinomial(self._weights, batch, replacement=True, generator=drawing)
                continue
            while len(order) < batch:
                order = torch.cat([order, torch.randperm(n, generator=drawing)])
            yield order[:batch]
            order = order[batch:]


def seed_of(*numbers: int) -> int:
    """Derive one seed from several numbers: neighbours must not give alike sequences."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def sampling_weights(examples: Examples, config: TrainConfig) -> NDArray[np.float64]:
    """Probability of each example's being drawn, as `config.sampling` says."""
    weights = np.zeros(len(examples))
    shares: dict[str, float] = {"": 1.0}
    if config.sampling == "shares":
        shares = config.shares
        without = sorted(set(examples.source.tolist()) - set(shares))
        if without:
            raise InvalidValue(
                f"Examples from {', '.join(without)} have no share of a batch: "
                "name one in the shares, or sample in a balanced way."
            )
    parts = ((True, config.positive_share), (False, 1 - config.positive_share))
    for source, share in shares.items():
        of_source = (examples.source == source) | (source == "")
        for positive, part in parts:
            rows = of_source & ((examples.label == GRAPHENE) == positive)
            weights[rows] = share * part / max(int(np.count_nonzero(rows)), 1)
    if not weights.sum() > 0:
        raise InvalidValue(
            f"None of the {len(examples)} examples can be drawn: every share of theirs is 0."
        )
    return np.asarray(weights / weights.sum(), np.float64)


def graphene_weight(examples: Examples) -> float:
    """Weigh the loss of one graphene crop so that both classes count the same in all."""
    graphene = int(np.count_nonzero(examples.label == GRAPHENE))
    return (len(examples) - graphene) / max(graphene, 1)
