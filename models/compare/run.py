"""The whole comparison: read `compare` first. What is done is kept, so that a kill loses one."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.compare.config import DEFAULT, PRETRAINED, CompareConfig
from models.compare.fold import FoldResult, ask, load_fold, save_fold, train_fold
from models.compare.speed import Speed, load_speed, measure_speed, save_speed
from models.examples.gather import Gathered
from models.examples.labelled import Examples, digest
from models.folds import split
from models.networks import build
from models.train import train
from models.training.checkpoint import read_weights, write_whole
from models.training.config import TrainConfig
from service.errors import InvalidValue

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Results of every network on every fold.

    Attributes
    ----------
    examples : Examples
        The real ones, each left out once.
    folds : list of (n,) bool
        What each fold left out.
    """

    config: CompareConfig
    examples: Examples
    folds: list[NDArray[np.bool_]]
    results: dict[str, list[FoldResult]]
    speeds: dict[str, Speed]


def compare(gathered: Gathered, config: CompareConfig, out: Path, say: Say) -> Compared:
    """Train each network on each fold, unless `out` holds the result of just that already.

    Raises
    ------
    InvalidValue
        The examples are of one acquisition group only.
    """
    real = gathered.real
    folds = list(split(real, config.folds))
    if len(folds) < 2:
        raise InvalidValue("The examples are of one group: nothing can be left out to test on.")
    key = key_of(gathered, config)
    compared = Compared(config, real, [held_out for _, held_out in folds], {}, {})
    for name in config.rows:
        base = _Base(name, gathered, config, out / "bases" / f"{name}-{key}.pt")
        compared.results[name] = []
        for fold, (seen, held_out) in enumerate(folds, start=1):
            path = out / "results" / f"{name}-{fold}-{key}.json"
            speed_path = out / "results" / f"{name}-speed-{key}.json"
            if not path.is_file():
                training = config.training(name, fold)
                fresh = base.fresh(training.seed)
                trained, learned = train_fold(fresh, real.where(seen), training)
                if not speed_path.is_file():
                    save_speed(measure_speed(trained, name, _some(real)), speed_path)
                save_fold(ask(trained, real.where(held_out), name, fold, learned), path)
            result = load_fold(path)
            say(f"{name}, fold {fold} of {len(folds)}: {result.seconds:.0f} s")
            compared.results[name].append(result)
        compared.speeds[name] = load_speed(speed_path)
    return compared


class _Base:
    """Base of a network's training: random weights, or what rendered tiles taught it."""

    def __init__(self, name: str, gathered: Gathered, config: CompareConfig, path: Path) -> None:
        self._name, self._gathered, self._config, self._path = name, gathered, config, path

    def fresh(self, seed: int) -> nn.Module:
        """Build a network to train; the same seed gives the same one."""
        torch.manual_seed(seed)
        if self._name != PRETRAINED:
            return build(self._name)
        network = build(DEFAULT)
        if not self._path.is_file():
            settings = TrainConfig(
                epochs=self._config.pretraining_epochs,
                seed=self._config.seed,
                threads=self._config.threads,
            )
            learned = train(copy.deepcopy(network), self._gathered.rendered, settings)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, learned.network.state_dict())
        network.load_state_dict(read_weights(self._path))
        return network


def _some(examples: Examples) -> NDArray[np.float32]:
    """Choose 64 crops from all over the examples."""
    rows = np.linspace(0, len(examples) - 1, 64).astype(np.intp)
    return examples.crops[rows].astype(np.float32)


def key_of(gathered: Gathered, config: CompareConfig) -> str:
    """Hash what a result depends on beside its network and fold."""
    settings = asdict(config) | {"networks": None, "threads": None}
    text = digest(gathered.real) + json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def losses_of(results: list[FoldResult]) -> Iterator[float]:
    """Mean loss of each epoch over the folds."""
    for epoch in zip(*(result.losses for result in results), strict=True):
        yield float(np.mean(epoch))
