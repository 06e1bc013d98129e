"""A network made for photographs, on crops of contrast with their mask."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.networks.specs import IMAGENET_MEAN, Spec


class Masked(nn.Module):
    """A first convolution that sees the mask as a fourth channel.

    The same as one convolution of four channels, but the weights for the mask are a parameter of
    their own: they begin at 0, so that ImageNet's weights answer at first as they always did, and
    they are trained even where those are frozen, or a frozen network would not know what it is
    asked about. Dimming what is outside the mask would need no weights, but would make a bright
    neighbour and a dark one alike.
    """

    def __init__(self, colours: nn.Conv2d) -> None:
        super().__init__()
        self.colours = colours
        self.mask = nn.Conv2d(
            1,
            colours.out_channels,
            colours.kernel_size,  # type: ignore[arg-type] # pairs, as it gave them itself
            colours.stride,  # type: ignore[arg-type]
            colours.padding,  # type: ignore[arg-type]
            bias=False,
        )
        nn.init.zeros_(self.mask.weight)

    def forward(self, image: Tensor) -> Tensor:
        """Convolve images, (n, 4, h, w)."""
        seen: Tensor = self.colours(image[:, :3]) + self.mask(image[:, 3:])
        return seen


class Adapted(nn.Module):
    """One logit for a crop, by a network made for photographs.

    Contrast becomes the colour it would have on a substrate of ImageNet's mean colour, normalised
    as that network's weights expect; everything happens inside, and so inside an exported file.

    Parameters
    ----------
    body : Module
        Images (n, 3, side, side) to (n, 1).
    """

    substrate: Tensor
    mean: Tensor
    spread: Tensor

    def __init__(self, body: nn.Module, spec: Spec, side: int) -> None:
        super().__init__()
        self.side = side
        for name, colour in (
            ("substrate", IMAGENET_MEAN),
            ("mean", spec.mean),
            ("spread", spec.spread),
        ):
            self.register_buffer(name, torch.tensor(colour).view(3, 1, 1), persistent=False)
        self.body = body
        path, first = next((p, m) for p, m in body.named_modules() if isinstance(m, nn.Conv2d))
        parent, _, name = path.rpartition(".")
        setattr(body.get_submodule(parent), name, Masked(first))

    def blocks(self) -> list[nn.Module]:
        """Its parts from the first to the last but for the head, as freezing counts them."""
        features = getattr(self.body, "features", None)
        parts = [*self.body.children()][:-1] if features is None else [*features.children()]
        return [part for part in parts if any(True for _ in part.parameters())]

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (n,) of crops (n, size, size, 4), as `service.vision.crop` gives them."""
        image = crops.permute(0, 3, 1, 2)
        if image.shape[2] != self.side:
            image = functional.interpolate(
                image, (self.side, self.side), mode="bilinear", align_corners=False
            )
        colours = (self.substrate * (1 + image[:, :3]) - self.mean) / self.spread
        logits: Tensor = self.body(torch.cat([colours, image[:, 3:]], dim=1))
        return logits.squeeze(1)
