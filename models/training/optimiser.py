"""Optimisers, learning rates and penalties."""

import math

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from models.training.config import TrainConfig


def optimiser_of(network: nn.Module, config: TrainConfig) -> Optimizer:
    """Make the configured optimiser of all weights that are not frozen.

    Fused, one goes through the weights once a step: for AdamW on a CPU a tenth of the time.
    """
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    rate, decay = config.learning_rate, config.weight_decay
    match config.optimiser:
        case "sgd":
            return SGD(weights, lr=rate, weight_decay=decay, fused=True)
        case "momentum":
            return SGD(weights, lr=rate, momentum=config.momentum, weight_decay=decay, fused=True)
        case "rmsprop":
            return RMSprop(weights, lr=rate, weight_decay=decay)
        case "adam":
            return Adam(weights, lr=rate, weight_decay=decay, fused=True)
        case "adamw":
            return AdamW(weights, lr=rate, weight_decay=decay, fused=True)


def set_rate(optimiser: Optimizer, step: int, steps: int, config: TrainConfig) -> float:
    """Set the learning rate of a step, from 0, where an epoch has so many; that rate."""
    rate = config.learning_rate * rate_factor(step, steps, config)
    for group in optimiser.param_groups:
        group["lr"] = rate
    return rate


def rate_factor(step: int, steps: int, config: TrainConfig) -> float:
    """Linear warm-up; then half a cosine down to 0, or drops, or 1."""
    total = config.epochs * steps
    rise = max(config.warm_up * total, 1)
    if step < rise:
        return min((step + 1) / rise, 1)
    match config.schedule:
        case "cosine":
            return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(total - rise, 1)))
        case "step":
            return float(config.drop ** (step // steps // config.drop_every))
        case "none":
            return 1.0


def l1_penalty(network: nn.Module, config: TrainConfig) -> Tensor | float:
    """Compute the L1 term of the loss; biases and batch norms are not pulled to 0."""
    if config.l1 == 0:
        return 0.0
    sizes = [w.abs().sum() for w in network.parameters() if w.requires_grad and w.dim() > 1]
    return config.l1 * torch.stack(sizes).sum()
