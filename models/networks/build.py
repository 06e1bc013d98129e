"""`build`: a network by its name."""

from pathlib import Path

from torch import nn

from models.networks.adapted import Adapted
from models.networks.flakenet import FlakeNet
from models.networks.freeze import freeze
from models.networks.pretrained import load_weights
from models.networks.specs import SPECS
from service.errors import InvalidValue

OWN = "flakenet"
NAMES = (OWN, *SPECS)


def build(
    name: str,
    *,
    dropout: float = 0.1,
    pretrained: Path | None = None,
    trained_blocks: int | None = None,
    side: int | None = None,
) -> nn.Module:
    """Build a new network, (n, size, size, 4) crops to (n,) logits.

    Parameters
    ----------
    dropout : float
        Before the last layer (AlexNet and VGG16: before each of the last three).
    pretrained : Path, optional
        ImageNet weights in torchvision's own format; else it begins from scratch.
    trained_blocks : int, optional
        How many of the last blocks are trained beside the head, 0 for the head alone; else all.
    side : int, optional
        Pixels that crops are resized to inside, where `Spec.side` is not wanted: 224 as ImageNet.

    Raises
    ------
    InvalidValue
        No network has this name; it takes no such weights, side or number of blocks.
    """
    if name not in NAMES:
        raise InvalidValue(f"There is no network {name!r}; there are {', '.join(NAMES)}.")
    network = (
        _flakenet(dropout, pretrained, side)
        if name == OWN
        else _adapted(name, dropout, pretrained, side)
    )
    if trained_blocks is not None:
        freeze(network, trained_blocks)
    return network


def _flakenet(dropout: float, pretrained: Path | None, side: int | None) -> FlakeNet:
    if pretrained is not None or side is not None:
        raise InvalidValue(
            "flakenet takes crops as they are and no ImageNet weights: leave both out."
        )
    return FlakeNet(dropout=dropout)


def _adapted(name: str, dropout: float, pretrained: Path | None, side: int | None) -> Adapted:
    spec = SPECS[name]
    if side is not None and side != spec.side and (spec.fixed or side < spec.side):
        raise InvalidValue(
            f"{name} cannot be given {side} px: it takes {spec.side} px"
            + ("." if spec.fixed else " or more.")
        )
    body = spec.make(dropout)
    if pretrained is not None:
        load_weights(body, pretrained)
    return Adapted(body, spec, side or spec.side)
