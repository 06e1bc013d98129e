"""FlakeNet: Flakescope's own network, small and fast, made for contrast crops with their mask."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.morphology import grown, shrunk

# One layer of graphene is a contrast of about 0.1: this brings what matters to about 1.
SCALE = 5.0
# What the rim of a mask counts beside its inside: only where there is no inside does it matter.
THIN = 0.01
# Least variance, in the same unit: what is below the noise of any camera; the root of less would
# make rounding errors large.
LEAST_VARIANCE = 1e-3
# Keeps means over an empty mask at 0.
EPSILON = 1e-3


class FlakeNet(nn.Module):
    """One logit for a crop: whether what the mask covers is graphene.

    Looks twice: a small stack of convolutions sees edges, texture and neighbours; plain statistics
    of the contrast inside the mask, just outside it and over the whole crop keep the exact colour,
    which pooling and striding would wash out.

    Parameters
    ----------
    width : int
        Channels after the first convolution; the cost grows with its square.
    dropout : float
        Before the last layer.
    """

    def __init__(self, width: int = 16, dropout: float = 0.1) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _step(4, width, stride=2),
            _step(width, 2 * width, stride=2),
            _step(2 * width, 2 * width),
            _step(2 * width, 4 * width, stride=2),
            _step(4 * width, 4 * width),
        )
        self.statistics = nn.Sequential(nn.Linear(STATISTICS, 4 * width), nn.ReLU())
        self.head = nn.Sequential(
            nn.Linear((4 + 3 * 4) * width, 4 * width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4 * width, 1),
        )

    def blocks(self) -> list[nn.Module]:
        """Its parts but for the head, as freezing counts them."""
        return [*self.trunk.children(), self.statistics]

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (n,) of crops (n, size, size, 4), as `service.vision.crop` gives them."""
        image = crops.permute(0, 3, 1, 2).contiguous()
        contrast, mask = image[:, :3] * SCALE, image[:, 3:]
        inside, outside = _inside(mask), _just_outside(mask)
        seen = self.trunk(torch.cat([contrast, mask], dim=1))
        step = crops.shape[1] // seen.shape[2]
        pooled = torch.cat(
            [
                _mean(seen, functional.avg_pool2d(inside, step)),
                _mean(seen, functional.avg_pool2d(outside, step)),
                seen.amax(dim=(2, 3)),
                self.statistics(_statistics(contrast, mask, inside, outside)),
            ],
            dim=1,
        )
        logits: Tensor = self.head(pooled)
        return logits.squeeze(1)


# Mean and spread of three channels inside, just outside and over all; shape.
STATISTICS = 3 * 6 + 3


def _step(channels: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    )


def _inside(mask: Tensor) -> Tensor:
    """Weight of each pixel's being inside, away from the soft edge; thin flakes keep some."""
    return mask * (THIN + shrunk(mask))


def _just_outside(mask: Tensor) -> Tensor:
    """Make a ring that begins one pixel beyond the mask and is three wide."""
    near = grown(mask)
    return grown(grown(grown(near))) - near


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of each channel, (n, channels)."""
    return (values * weight).sum(dim=(2, 3)) / (weight.sum(dim=(2, 3)) + EPSILON)


def _statistics(contrast: Tensor, mask: Tensor, inside: Tensor, outside: Tensor) -> Tensor:
    """Compute plain numbers of contrast and mask, (n, STATISTICS)."""
    columns = []
    for weight in (inside, outside, torch.ones_like(mask)):
        mean = _mean(contrast, weight)
        variance = _mean(contrast * contrast, weight) - mean * mean
        columns += [mean, torch.sqrt(torch.relu(variance) + LEAST_VARIANCE)]
    columns += [part.mean(dim=(2, 3)) for part in (mask, inside, outside)]
    return torch.cat(columns, dim=1)
