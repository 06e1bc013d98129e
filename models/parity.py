"""Parity: whether each network's exported file answers as the network does, and how fast."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.table import Table
from torch import nn

from models.compare.speed import BATCHES, Speed, measure_speed
from models.networks import build

# Crops that are asked: as many as the largest batch that is timed.
CROPS = 64
# Of the logits, which gives probabilities from 0.1 to 0.9: where all are alike, any export agrees.
# Deep networks with random weights amplify rounding, and more spread amplifies it with them: at 2
# PyTorch's own answers in float32 for Inception v3 were 0.0008 from those in float64.
SPREAD = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """One network.

    Attributes
    ----------
    spread : float
        Standard deviation of the probabilities that were compared: 0 would compare nothing.
    """

    name: str
    parameters: int
    spread: float
    speed: Speed


def parity(names: Sequence[str], size: int) -> Iterator[Row]:
    """Export each network with random weights and compare it on varied crops."""
    crops = varied_crops(size)
    for name in names:
        torch.manual_seed(0)
        network = awake(build(name), torch.from_numpy(crops))
        with torch.inference_mode():
            spread = torch.sigmoid(network(torch.from_numpy(crops))).std().item()
        parameters = sum(weight.numel() for weight in network.parameters())
        yield Row(name, parameters, spread, measure_speed(network, name, crops))


def varied_crops(size: int) -> NDArray[np.float32]:
    """Noise on a disc of some contrast on a ground of some contrast, (64, size, size, 4)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size] / size - 0.5
    radius = rng.uniform(0.15, 0.45, (CROPS, 1, 1))
    mask = (np.hypot(x, y) < radius).astype(np.float32)[..., None]
    flake, ground = rng.normal(0, 0.2, (2, CROPS, 1, 1, 3))
    contrast = flake * mask + ground * (1 - mask) + rng.normal(0, 0.05, (CROPS, size, size, 3))
    return np.concatenate([contrast.clip(-1, 1), mask], axis=3).astype(np.float32)


def awake(network: nn.Module, crops: torch.Tensor) -> nn.Module:
    """Make a new network's answers differ, as those of a trained one do.

    Batch norms take the crops' own statistics, which a new network has not; the last layer is
    scaled to a spread of `SPREAD`.
    """
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            part.momentum = None  # the plain mean over the batches that follow
    last = [part for part in network.modules() if isinstance(part, nn.Linear)][-1]
    with torch.no_grad():
        network.train()
        for _ in range(2):  # the first pass of a batch norm depends on nothing but the crops
            network(crops)
        logits = network.eval()(crops)
        factor = SPREAD / logits.std()
        last.weight.mul_(factor)
        last.bias.sub_(logits.mean()).mul_(factor)
    return network


def parity_table(rows: Sequence[Row]) -> Table:
    """Tabulate the rows for people to read."""
    table = Table(title="Exported files beside their networks")
    table.add_column("network", no_wrap=True)
    for name in (
        "parameters",
        "difference",
        "spread",
        "MB",
        *(f"ms, {batch}" for batch in BATCHES),
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        speed = row.speed
        table.add_row(
            row.name,
            f"{row.parameters:,}",
            "refused" if speed.difference is None else f"{speed.difference:.1e}",
            f"{row.spread:.2f}",
            "-" if speed.megabytes is None else f"{speed.megabytes:.1f}",
            *(f"{speed.ms_per_crop[batch]:.2f}" for batch in BATCHES if speed.ms_per_crop),
        )
    return table
