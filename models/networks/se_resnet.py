"""ResNet-18 with squeeze and excitation (Hu et al., CVPR 2018): a channel is weighed by all."""

from typing import Any

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.ops.misc import SqueezeExcitation

# The paper's reduction ratio.
REDUCTION = 16


class SqueezeExcitationBlock(BasicBlock):  # type: ignore[misc] # torchvision has no types
    """A residual block whose channels are weighed before they are added."""

    def __init__(self, inplanes: int, planes: int, *rest: Any, **named: Any) -> None:
        super().__init__(inplanes, planes, *rest, **named)
        self.excitation = SqueezeExcitation(planes, planes // REDUCTION)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the block's answer to (n, inplanes, h, w)."""
        same = x if self.downsample is None else self.downsample(x)
        seen = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out: Tensor = self.relu(self.excitation(seen) + same)
        return out


def se_resnet18(num_classes: int) -> nn.Module:
    """Build a new SE-ResNet18 for images (n, 3, h, w)."""
    network: nn.Module = ResNet(SqueezeExcitationBlock, [2, 2, 2, 2], num_classes=num_classes)
    return network
