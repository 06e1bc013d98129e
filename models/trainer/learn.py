"""One training from its row to a registered model version: read `learn` first."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from models.examples.labelled import Examples
from models.networks import build
from models.replay import read_replay
from models.train import Around, train
from models.trainer.kept import keep, kept
from models.trainer.lab import Parted, lab_examples, part, shares_of
from models.trainer.outcome import Learned, make, register
from models.trainer.warm import warm_flakenet
from models.trainer.watch import RowWatch, patiently
from models.training.config import TrainConfig, changed, read_config, write_config
from models.training.place import alone
from models.training.teach import choose
from service.errors import InvalidModel
from service.registry.versions import get_model
from service.scans.tiles import Stores
from service.training.progress import finish_training
from service.training.schemas import Training

CONFIG = "config.json"
# Gentle, as few-shot adaptation was measured (`models.few_shot`): an average over some 30 steps.
BATCH, EMA_DECAY = 64, 0.97
# Enough for the mean and spread of every channel, and quick.
WARM_CROPS = 512


@dataclass(frozen=True, slots=True)
class Desk:
    """Desk of a training: the stores, the folder and the threads that it runs with.

    Attributes
    ----------
    run : Path
        Its folder: examples, settings and checkpoint, by which it goes on after a kill.
    threads : int
        CPU threads that it may take, said when it begins.
    """

    stores: Stores
    run: Path
    threads: int


def learn(desk: Desk, training: Training) -> None:
    """Train, judge, export and register; resume what a killed process left.

    Raises
    ------
    FlakescopeError
        Why it cannot be done, in words.
    Cancelled
        Nobody wants it any more.
    """
    cv2.setNumThreads(1)
    desk.run.mkdir(parents=True, exist_ok=True)
    parted = kept(desk.run) or _gathered(desk, training)
    config = _config(desk, training, parted.seen)
    torch.manual_seed(config.seed)
    network = _network(desk.stores, training, parted.seen)
    around = Around(desk.run, alone(), RowWatch(desk.stores.sessions, training.id))
    trained = train(network, parted.seen, config, parted.held_out, around)
    temperature, threshold = choose(trained.network, parted.held_out, recall=None)
    learned = Learned(trained, parted, config, temperature, threshold)
    made = make(desk.stores, desk.run, training, learned)
    outcome = patiently(lambda: register(desk.stores, training, made))
    patiently(lambda: finish_training(desk.stores.sessions, training.id, outcome))


def _gathered(desk: Desk, training: Training) -> Parted:
    replay = read_replay()
    size = replay.crops.shape[1]
    lab, test, counts = lab_examples(desk.stores, training.config, desk.run, size)
    parted = part(lab, test, replay, counts)
    keep(parted, desk.run)
    return parted


def _config(desk: Desk, training: Training, seen: Examples) -> TrainConfig:
    """Keep the settings that it began with, whatever this trainer is given now."""
    path = desk.run / CONFIG
    if path.is_file():
        return read_config(TrainConfig, path)
    asked = training.config
    usual = TrainConfig(
        # As many crops an epoch as there are.
        epoch_steps=None,
        batch=BATCH,
        ema_decay=EMA_DECAY,
        shares=shares_of(seen),
        threads=desk.threads,
    )
    names = {"epochs": "epochs", "optimizer": "optimiser", "learning_rate": "learning_rate"}
    wanted = {own: str(asked[name]) for name, own in names.items()}
    config = changed(usual, wanted | {"seed": str(asked["seed"])})
    write_config(config, path)
    return config


def _network(stores: Stores, training: Training, seen: Examples) -> nn.Module:
    base = training.config["base_model"]
    if base is None:
        return build(str(training.config["architecture"]))
    model = get_model(stores.sessions, str(base))
    some = seen.crops[:: max(len(seen) // WARM_CROPS, 1)].astype(np.float32)
    try:
        return warm_flakenet(stores.blobs.get(model.sha256), some)
    except InvalidModel as error:
        raise InvalidModel(
            f"Training cannot go on from model version {base!r}. {error} "
            "Name another base_model, or 'scratch'."
        ) from error
