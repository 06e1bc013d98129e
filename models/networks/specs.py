"""The networks made for photographs: how each is built, and the size it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn
from torchvision import models

from models.networks.lenet5 import LeNet5
from models.networks.se_resnet import se_resnet18

Colour = tuple[float, float, float]
IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_SPREAD: Colour = (0.229, 0.224, 0.225)
HALF: Colour = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Spec:
    """A network made for photographs, with one output.

    Attributes
    ----------
    make : dropout -> network
    side : int
        Pixels that crops are resized to inside the network. 64 leaves 2x2 places after the stride
        of 32 that most have, and is the least that AlexNet takes (63); Inception v3 needs 75,
        LeNet-5 takes 32 and nothing else.
    mean, spread : (red, green, blue)
        What its ImageNet weights expect colours to be normalised with.
    fixed : bool
        No other side works.
    """

    make: Callable[[float], nn.Module]
    side: int = 64
    mean: Colour = IMAGENET_MEAN
    spread: Colour = IMAGENET_SPREAD
    fixed: bool = False


def _torchvision(name: str, **settings: bool) -> Callable[[float], nn.Module]:
    def make(dropout: float) -> nn.Module:
        network: nn.Module = getattr(models, name)(num_classes=1, dropout=dropout, **settings)
        return network

    return make


def _without_dropout(make: Callable[..., nn.Module], head: str) -> Callable[[float], nn.Module]:
    """Put dropout before the last layer of networks that have none."""

    def build(dropout: float) -> nn.Module:
        network = make(num_classes=1)
        setattr(network, head, nn.Sequential(nn.Dropout(dropout), getattr(network, head)))
        return network

    return build


# Without their auxiliary heads: these need images of 299 px, and the study did without. Inception
# v3 begins with PyTorch's usual weights: those of its paper amplify rounding so much that an
# untrained export is at the edge of what is allowed (1.0e-4, where these give 0.5e-4).
_INCEPTION = {"aux_logits": False, "init_weights": False}
_GOOGLENET = {"aux_logits": False, "init_weights": True}

SPECS: Mapping[str, Spec] = {
    "alexnet": Spec(_torchvision("alexnet")),
    "vgg16": Spec(_torchvision("vgg16")),
    "resnet50": Spec(_without_dropout(models.resnet50, "fc")),
    "efficientnet_b0": Spec(_torchvision("efficientnet_b0")),
    "inception_v3": Spec(_torchvision("inception_v3", **_INCEPTION), 75, HALF, HALF),
    "mobilenet_v2": Spec(_torchvision("mobilenet_v2")),
    "mobilenet_v3_small": Spec(_torchvision("mobilenet_v3_small")),
    "googlenet": Spec(_torchvision("googlenet", **_GOOGLENET), 64, HALF, HALF),
    "densenet121": Spec(_without_dropout(models.densenet121, "classifier")),
    "lenet5": Spec(LeNet5, 32, fixed=True),
    "se_resnet": Spec(_without_dropout(se_resnet18, "fc")),
}
