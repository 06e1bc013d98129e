"""Few-shot: how many labelled tiles of an unseen substrate a network needs. Read `few_shot`."""

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import nn

from models.card import ShipConfig
from models.examples.annotation import Frame
from models.examples.frames import frame_examples
from models.examples.labelled import Examples, join
from models.measures import MEASURES, sample_of
from models.networks import build
from models.train import train
from models.training.checkpoint import read_weights, write_whole
from models.training.config import TrainConfig
from models.training.judge import predict
from service.errors import InvalidValue

# More likely graphene than not.
EVEN_LOGIT = 0.0
FIGURES = ("precision", "recall", "f1", "false_alarms", "roc_auc")


@dataclass(frozen=True, slots=True)
class FewShotConfig:
    """Configuration of adapting a network and of judging it.

    Attributes
    ----------
    shots : tuple of int
        Labelled tiles to adapt with; 0 is the network as it was.
    draws : int
        Choices of tiles for each number: which tiles they are matters.
    test_tiles : int
        Tiles that are never adapted with, the same for every number of shots of a draw.
    new_share : float
        Of a batch: what the new tiles make up together, so that one is heard among thousands.
    pretraining, training : TrainConfig
        On rendered tiles alone, then on everything: as for the shipped network.
    """

    shots: tuple[int, ...] = (0, 1, 2, 5, 10)
    draws: int = 3
    test_tiles: int = 6
    size: int = 48
    variants: int = 8
    seed: int = 0
    new_share: float = 0.5
    pretraining: TrainConfig = field(default_factory=lambda: ShipConfig().pretraining)
    training: TrainConfig = field(default_factory=lambda: ShipConfig().training)
    # From the network's own weights, so gently; old examples come along against forgetting.
    adapting: TrainConfig = field(
        default_factory=lambda: TrainConfig(
            epochs=3, epoch_steps=50, batch=64, learning_rate=3e-4, ema_decay=0.97
        )
    )


@dataclass(frozen=True, slots=True)
class Shot:
    """Figures after learning from so many tiles, one for each draw; nan where not defined."""

    tiles: int
    figures: dict[str, list[float]]

    def known(self, name: str) -> list[float]:
        """Select a figure of the draws that have it."""
        return [value for value in self.figures[name] if not math.isnan(value)]

    def mean(self, name: str) -> float:
        """Mean over the draws that have it."""
        known = self.known(name)
        return float(np.mean(known)) if known else math.nan


@dataclass(frozen=True, slots=True)
class FewShot:
    """Few-shot figures, and the full training beside them: with every tile not tested on."""

    config: FewShotConfig
    shots: list[Shot]
    full: Shot


def few_shot(
    rendered: Examples,
    old: Examples,
    frames: Sequence[Frame],
    config: FewShotConfig,
    kept: Path | None = None,
) -> FewShot:
    """Adapt a network with few tiles of a substrate that it has not seen, and test on others.

    Parameters
    ----------
    rendered, old : Examples
        Rendered ones, and real ones of other substrates.
    frames : sequence of Frame
        Annotated tiles of the new substrate.
    kept : Path, optional
        Keeps the weights that rendered examples taught, which takes longest.

    Raises
    ------
    InvalidValue
        There are too few tiles.
    """
    if len(frames) <= config.test_tiles:
        raise InvalidValue(
            f"There are {len(frames)} tiles of the new substrate; {config.test_tiles} are to be "
            "tested on, and at least one to adapt with."
        )
    rng = np.random.default_rng(config.seed)
    tiles = [frame_examples(frame, rng, config.size, config.variants)[0] for frame in frames]
    most = len(frames) - config.test_tiles
    shots = [_no_figures(count) for count in config.shots if count <= most]
    full = _no_figures(most)
    begun = begin(rendered, config, kept)
    known = join([rendered, old])
    base = _learned(begun, known, config.training)
    for draw in range(config.draws):
        rest, tested = _deal(tiles, config, rng)
        for shot in shots:
            _note(shot, adapt(base, known, rest[: shot.tiles], config, draw), tested)
        _note(full, _learned(begun, join([known, *rest]), config.training), tested)
    return FewShot(config, shots, full)


def begin(rendered: Examples, config: FewShotConfig, kept: Path | None = None) -> nn.Module:
    """Train the default network on rendered examples alone; without any, it is as it is built."""
    torch.manual_seed(config.seed)
    network = build("flakenet")
    if not len(rendered):
        return network
    if kept is not None and kept.is_file():
        network.load_state_dict(read_weights(kept))
        return network
    taught = train(network, rendered, config.pretraining).network
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, dict(taught.state_dict()))
    return taught


def adapt(
    base: nn.Module, old: Examples, tiles: Sequence[Examples], config: FewShotConfig, seed: int
) -> nn.Module:
    """Adapt a copy of a network, which learns from some labelled tiles as well."""
    if not tiles:
        return base
    new = join(tiles)
    new = replace(new, source=np.char.add("new ", new.source.astype(np.str_)))
    names = np.unique(new.source).tolist()
    shares = {
        name: share * (1 - config.new_share) for name, share in config.adapting.shares.items()
    }
    shares |= dict.fromkeys(names, config.new_share / len(names))
    settings = replace(config.adapting, shares=shares, seed=seed)
    return _learned(base, join([old, new]), settings)


def _learned(base: nn.Module, examples: Examples, config: TrainConfig) -> nn.Module:
    return train(copy.deepcopy(base), examples, config).network


def _deal(
    tiles: Sequence[Examples], config: FewShotConfig, rng: Generator
) -> tuple[list[Examples], Examples]:
    """Tiles to adapt with, in the order in which they are added; and the candidates to test on.

    A person who labels few tiles labels such as hold a flake: the first to adapt with does.
    """
    order = rng.permutation(len(tiles)).tolist()
    test, rest = order[: config.test_tiles], order[config.test_tiles :]
    rest.sort(key=lambda number: not bool((tiles[number].label == 1).any()))
    tested = join([tiles[number] for number in test])
    return [tiles[number] for number in rest], tested.where(tested.source == "frame")


def _no_figures(tiles: int) -> Shot:
    return Shot(tiles, {name: [] for name in FIGURES})


def _note(shot: Shot, network: nn.Module, tested: Examples) -> None:
    """Add a network's figures to a shot's."""
    logits = predict(network, tested)
    order = np.argsort(-logits, kind="stable")
    sample = sample_of(tested.label[order], logits[order], EVEN_LOGIT)
    even = np.ones((1, len(tested)))
    for name in FIGURES:
        shot.figures[name].append(float(MEASURES[name](sample, even)[0]))


def write_few_shot(result: FewShot, path: Path) -> None:
    """Write the figures as JSON; what is not defined is null."""
    text = json.dumps(asdict(result))
    content = json.loads(text, parse_constant=lambda _: None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
