"""Batch norm: its means and variances, measured anew with the weights that are kept."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from models.networks.freeze import is_frozen


def measure_batch_norms(network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Put the plain mean over some batches in the place of running statistics.

    Those lag behind weights that still change fast, and belong to other weights than an average's
    (Izmailov et al. 2018, arXiv:1803.05407, section 3.2). Frozen parts keep theirs. The network is
    left in evaluation mode.
    """
    network.eval()
    norms = [
        part for part in network.modules() if isinstance(part, _BatchNorm) and not is_frozen(part)
    ]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
        norm.train()
    with torch.no_grad():
        for crops, _ in batches:
            network(crops)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
