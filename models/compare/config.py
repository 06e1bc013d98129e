"""What a comparison depends on beside its data."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.examples.gather import GatherConfig
from models.networks import NAMES
from models.training.config import TrainConfig
from service.errors import InvalidValue

DEFAULT = "flakenet"
# The default network that has seen rendered examples first, as the shipped one has.
PRETRAINED = "flakenet+rendered"
# Of AdamW. The study took 1e-3 with Adam on ImageNet weights; from random weights the two networks
# without batch norm stay at a constant answer with that, and the others learn.
LEARNING_RATE = 1e-3
WITHOUT_BATCH_NORM: Mapping[str, float] = {"alexnet": 1e-4, "vgg16": 1e-4}


@dataclass(frozen=True, slots=True)
class CompareConfig:
    """The same for every network.

    Attributes
    ----------
    epochs, samples : int
        An epoch is this many examples, drawn by source and class. All networks on three folds take
        two hours of one core, VGG16 nearly half of that.
    folds : int
        By acquisition group; each network is trained once for each.
    size : int
        Side of a crop; networks that want more enlarge it themselves.
    pretraining_tiles : int
        Rendered tiles of which `flakenet+rendered` learns first; 0 leaves that row out.
    """

    networks: tuple[str, ...] = NAMES
    epochs: int = 6
    samples: int = 1024
    folds: int = 3
    size: int = 48
    batch: int = 32
    seed: int = 0
    threads: int = 2
    pretraining_tiles: int = 0
    pretraining_epochs: int = 25  # of 100 batches of 128, as for the shipped network
    group_by: str = "none"

    @property
    def gather(self) -> GatherConfig:
        """Configure gathering: the same examples as for the shipped network."""
        return GatherConfig(
            size=self.size, tiles=self.pretraining_tiles, test_tiles=0, group_by=self.group_by
        )

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of what is compared."""
        with_rendered = (PRETRAINED,) if self.pretraining_tiles else ()
        return self.networks + with_rendered

    def training(self, name: str, fold: int) -> TrainConfig:
        """Configure the training of one network on one fold."""
        return TrainConfig(
            epochs=self.epochs,
            epoch_steps=max(self.samples // self.batch, 1),
            batch=self.batch,
            learning_rate=WITHOUT_BATCH_NORM.get(name, LEARNING_RATE),
            # An average over about 50 steps: these trainings have about two hundred in all.
            ema_decay=0.98,
            seed=self.seed + fold,
            threads=self.threads,
        )


def chosen(networks: str) -> tuple[str, ...]:
    """Names of networks from "all" or a list with commas; raises `InvalidValue`."""
    names = NAMES if networks == "all" else tuple(n.strip() for n in networks.split(","))
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise InvalidValue(
            f"There is no network {', '.join(unknown)}; there are {', '.join(NAMES)}."
        )
    return names
