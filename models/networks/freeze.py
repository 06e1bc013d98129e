"""Freezing: what is not trained keeps its weights and its running statistics."""

from collections.abc import Sequence
from typing import Protocol

from torch import nn

from models.networks.adapted import Masked
from service.errors import InvalidValue


class HasBlocks(Protocol):
    """A network that can be frozen in part."""

    def blocks(self) -> list[nn.Module]:
        """Its parts from the first to the last, without the head."""


def freeze(network: HasBlocks, trained: int) -> None:
    """Freeze all but the head and this many of the last blocks.

    Raises
    ------
    InvalidValue
        It has fewer blocks.
    """
    blocks = network.blocks()
    if not 0 <= trained <= len(blocks):
        raise InvalidValue(f"{trained} blocks cannot be trained: the network has {len(blocks)}.")
    for block in blocks[: len(blocks) - trained]:
        _freeze(block)


def _freeze(block: nn.Module) -> None:
    for part in block.modules():
        for weight in part.parameters(recurse=False):
            weight.requires_grad = False
    masks: Sequence[Masked] = [part for part in block.modules() if isinstance(part, Masked)]
    for masked in masks:
        masked.mask.requires_grad_(requires_grad=True)


def rest(network: nn.Module) -> None:
    """Put frozen parts in evaluation mode: batch norms there must not follow the new crops."""
    for part in network.modules():
        if is_frozen(part):
            part.eval()


def is_frozen(part: nn.Module) -> bool:
    """Tell whether a part has weights of its own and none of them is trained."""
    weights = list(part.parameters(recurse=False))
    return bool(weights) and not any(weight.requires_grad for weight in weights)
