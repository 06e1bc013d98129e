"""Warm start: the weights of FlakeNet, read back out of an exported file."""

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from models.networks.flakenet import FlakeNet
from service.errors import InvalidModel
from service.inference.onnx_classifier import OnnxClassifier

# Rounding of weights that were folded is a tenth of it; another network differs by far more. No
# verdict depends on it: from here training goes on.
TOLERANCE = 1e-3


def warm_flakenet(content: bytes, crops: NDArray[np.float32]) -> FlakeNet:
    """Build a FlakeNet that answers as an exported file does, ready to be trained on.

    Parameters
    ----------
    crops : (n, size, size, 4) float32
        Such as it will be trained on: batch norms take their statistics from them.

    Raises
    ------
    InvalidModel
        The file holds another network.
    """
    classifier = OnnxClassifier(content, wish="cpu")
    if classifier.input_size != crops.shape[1]:
        raise InvalidModel(
            f"It takes crops of {classifier.input_size} px; trainings have {crops.shape[1]} px."
        )
    network = FlakeNet()
    try:
        _put(network, _initialisers(content))
    except (KeyError, RuntimeError) as error:
        raise InvalidModel(f"It is no exported FlakeNet ({error}).") from error
    _spread(network, torch.from_numpy(crops))
    with torch.inference_mode():
        logit = network.eval()(torch.from_numpy(crops)).double() / classifier.metadata.temperature
    difference = float(np.abs(torch.sigmoid(logit).numpy() - classifier.classify(crops)).max())
    if not difference <= TOLERANCE:
        raise InvalidModel(
            f"The network read from it answers otherwise than the file: p_graphene differs by "
            f"{difference:.2g}."
        )
    return network


def _initialisers(content: bytes) -> dict[str, Tensor]:
    graph = onnx.load_model_from_string(content).graph
    return {
        one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer
    }


def _put(network: FlakeNet, weights: dict[str, Tensor]) -> None:
    """Export folds a batch norm into its convolution: what it added stays as the norm's bias."""
    state = network.state_dict()
    for name in state:
        if name in weights:
            state[name] = weights[name]
        elif name.endswith(".1.bias"):
            state[name] = weights[f"{name.removesuffix('.1.bias')}.0.weight_bias"]
        elif not name.startswith("trunk."):
            raise KeyError(name)
    network.load_state_dict(state)
    for norm in _norms(network):
        nn.init.zeros_(norm.running_mean)  # type: ignore[arg-type] # it keeps track of them
        nn.init.constant_(norm.running_var, 1 - norm.eps)  # type: ignore[arg-type]


def _spread(network: FlakeNet, crops: Tensor) -> None:
    """Give each norm the statistics of what it gets, and a scale that undoes them.

    The network answers as before, and goes on answering so when batches bring their own
    statistics, as they do in training.
    """
    seen: dict[nn.BatchNorm2d, Tensor] = {}
    hooks = [
        norm.register_forward_pre_hook(lambda norm, given: seen.update({norm: given[0]}))
        for norm in _norms(network)
    ]
    with torch.no_grad():
        network.eval()(crops)
        for norm, given in seen.items():
            variance, mean = torch.var_mean(given, dim=(0, 2, 3), correction=0)
            norm.bias.add_(mean)
            norm.weight.copy_(torch.sqrt(variance + norm.eps))
            norm.running_mean.copy_(mean)  # type: ignore[union-attr]
            norm.running_var.copy_(variance)  # type: ignore[union-attr]
    for hook in hooks:
        hook.remove()


def _norms(network: FlakeNet) -> list[nn.BatchNorm2d]:
    return [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
