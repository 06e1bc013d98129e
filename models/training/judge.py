"""Logits of examples, and what they say in one epoch."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from models.calibrate import probability
from models.examples.labelled import Examples
from models.measures import MEASURES, sample_of

# Whatever is as likely graphene as not is shown: to look once more costs less than to miss it.
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """Mean cross-entropy on examples that were not trained on, and figures at even odds."""

    loss: float
    figures: dict[str, float | None]


def predict(network: nn.Module, examples: Examples, batch: int = 256) -> NDArray[np.float64]:
    """Logits of examples, (n,), wherever the network is."""
    network.eval()
    device = next(network.parameters()).device
    parts = [torch.zeros(0, dtype=torch.float64)]
    with torch.inference_mode():
        for start in range(0, len(examples), batch):
            crops = torch.from_numpy(examples.crops[start : start + batch])
            parts.append(network(crops.to(device).float()).double().cpu())
    return torch.cat(parts).numpy()


def judge(network: nn.Module, examples: Examples) -> Judged:
    """Judge a network on examples; what is not defined is None."""
    logit = predict(network, examples)
    label = torch.from_numpy(examples.label).double()
    loss = functional.binary_cross_entropy_with_logits(torch.from_numpy(logit), label).item()
    return Judged(loss, point_figures(examples.label, probability(logit, 1.0)))


def point_figures(
    label: NDArray[np.int8], p_graphene: NDArray[np.float64], threshold: float = EVEN
) -> dict[str, float | None]:
    """Compute every measure without its interval: quick enough for each epoch."""
    order = np.argsort(-p_graphene, kind="stable")
    sample = sample_of(label[order], p_graphene[order], threshold)
    even = np.ones((1, len(label)))
    values = {name: float(measure(sample, even)[0]) for name, measure in MEASURES.items()}
    return {name: None if math.isnan(value) else value for name, value in values.items()}
