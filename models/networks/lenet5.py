"""LeNet-5 (LeCun et al., Proc. IEEE 86, 2278, 1998), on three colours and with ReLU."""

import torch
from torch import Tensor, nn


class LeNet5(nn.Module):
    """One logit of images (n, 3, 32, 32), the only size its last layers fit."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.AvgPool2d(2)),
            nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2)),
        )
        self.classifier = nn.Sequential(
            nn.Linear(16 * 5 * 5, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(84, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, 1)."""
        logits: Tensor = self.classifier(torch.flatten(self.features(images), 1))
        return logits
