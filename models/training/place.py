"""Where a training runs: on which device, and as which of several processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Place:
    """One of `processes`, numbered from 0, on its device."""

    device: torch.device
    process: int = 0
    processes: int = 1

    @property
    def leads(self) -> bool:
        """Tell whether this process judges, writes and shows."""
        return self.process == 0

    def share(self, network: nn.Module) -> nn.Module:
        """Wrap the network to call in training: its gradients are the mean over all processes."""
        if self.processes == 1:
            return network
        return DistributedDataParallel(
            network, [self.device] if self.device.type == "cuda" else None
        )

    def agree(self, value: float) -> float:
        """Broadcast the leading process's value to all."""
        if self.processes == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, src=0)
        return float(shared)

    def mean(self, value: float) -> float:
        """Mean over all processes."""
        if self.processes == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.all_reduce(shared)
        return float(shared) / self.processes


def alone() -> Place:
    """Make a place with no other process: this machine's first GPU, or its CPU."""
    return Place(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


@contextmanager
def this_place() -> Iterator[Place]:
    """Join the place that torchrun gave to this process, else one alone."""
    if "WORLD_SIZE" not in os.environ:
        yield alone()
        return
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Place(device, distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
