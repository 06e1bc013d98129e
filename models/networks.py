"""Networks by name, each with one logit: graphene is always the positive class."""

from collections.abc import Callable, Mapping

from torch import nn

from models.flakenet import FlakeNet
from service.errors import InvalidValue

NETWORKS: Mapping[str, Callable[[float], nn.Module]] = {
    "flakenet": lambda dropout: FlakeNet(dropout=dropout),
}


def build(name: str, dropout: float = 0.1) -> nn.Module:
    """A new network, (n, size, size, 4) crops to (n,) logits."""
    if name not in NETWORKS:
        raise InvalidValue(f"There is no network {name!r}; there are {', '.join(NETWORKS)}.")
    return NETWORKS[name](dropout)
