"""ImageNet weights from a local file in torchvision's own format."""

import hashlib
import pickle
import re
from pathlib import Path

import torch
from torch import Tensor, nn

from service.errors import InvalidValue

FROM_SCRATCH = "from scratch"
# Heads that help to train on large images; these networks are built without.
AUXILIARY = ("AuxLogits.", "aux1.", "aux2.")
# torchvision's file for DenseNet is older than its code: "norm.1" there is "norm1" here.
OLD_DENSE = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")


def origin(pretrained: Path | None) -> str:
    """Name what a training began with: from scratch, or the name and sha256 of the weights."""
    if pretrained is None:
        return FROM_SCRATCH
    return f"{pretrained.name} sha256:{hashlib.sha256(pretrained.read_bytes()).hexdigest()}"


def load_weights(network: nn.Module, path: Path) -> None:
    """Put a file's weights into a torchvision network; its last layer stays as it was made.

    Raises
    ------
    InvalidValue
        The file cannot be read, or is of another network: the message names a weight.
    """
    head = last_layer(network)
    found = {OLD_DENSE.sub(r"\1\2", name): value for name, value in _read(path).items()}
    # Where we put dropout before the last layer, the file knows the layer by the outer name.
    dropped = (head + ".", head.removesuffix(".1") + ".weight", head.removesuffix(".1") + ".bias")
    kept = {n: v for n, v in found.items() if not n.startswith((*dropped, *AUXILIARY))}
    own = network.state_dict()
    for name, value in kept.items():
        if name not in own or own[name].shape != value.shape:
            has = "no such weight" if name not in own else f"shape {tuple(own[name].shape)}"
            raise InvalidValue(
                f"{path.name} is of another network: it has {name!r} of shape "
                f"{tuple(value.shape)}, where this one has {has}."
            )
    missing = [
        name
        for name in own
        # A count of batches that older files lack and that nothing depends on.
        if name not in kept and not name.startswith(head) and "num_batches" not in name
    ]
    if missing:
        raise InvalidValue(
            f"{path.name} is of another network: it lacks {missing[0]!r}"
            + (f" and {len(missing) - 1} more weights." if len(missing) > 1 else ".")
        )
    network.load_state_dict(kept, strict=False)


def last_layer(network: nn.Module) -> str:
    """Path of the layer that gives the logit."""
    path: str = [p for p, part in network.named_modules() if isinstance(part, nn.Linear)][-1]
    return path


def _read(path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise InvalidValue(f"The weights {str(path)!r} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise InvalidValue(f"{path.name} holds no weights by name, as torchvision's files do.")
    return found
