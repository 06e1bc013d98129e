"""Augmentation that a microscope could have made: it never changes what is darker than what."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from models.morphology import grown, shrunk
from service.optics.camera import COLOUR_MATRIX

# Share of a channel that a colour matrix leaves at least.
LEAST_CHANNEL = 0.4


@dataclass(frozen=True, slots=True)
class Jitter:
    """Limits of how far crops are varied.

    Attributes
    ----------
    gamma : (low, high)
        Exponent of the camera: contrast c becomes (1 + c)^gamma - 1, another one for each channel
        within `channel_gamma` of it.
    vivid, vivid_share : float
        Largest strength of a camera's colour matrix, and the share of the crops that get one: it
        turns the small blue contrast of graphene on 285 nm from below 0 to above.
    substrate : float
        Spread of the substrate's colour, as a logarithm: it weighs that matrix.
    offset, slope : float
        Standard deviation of what an imperfect background adds to a channel, and of the uneven
        light from the middle of a crop to its sides, as a share.
    noise, blur : float
        Largest standard deviation of noise; share of the crops that are blurred.
    zoom : (low, high)
        Of crops that are also turned by any angle.
    flips : bool
        Whether batches are turned by quarters and mirrored.
    turned : float
        Share of the batches turned by any angle, which costs sharpness.
    outline : float
        Share of the crops whose mask is grown, and share whose mask is shrunk, by one pixel.
    """

    gamma: tuple[float, float] = (0.8, 1.25)
    channel_gamma: float = 0.06
    vivid: float = 1.2
    vivid_share: float = 0.4
    substrate: float = 0.35
    offset: float = 0.008
    slope: float = 0.0  # crops are small; of use where no flat field was taken
    noise: float = 0.02
    blur: float = 0.2
    zoom: tuple[float, float] = (0.85, 1.15)
    flips: bool = True
    turned: float = 0.4
    outline: float = 0.1


def augment(crops: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    """Varied copies of crops (n, size, size, 4)."""
    # Contiguous: the steps below are three times as slow on a permuted view.
    image = _turn(crops.permute(0, 3, 1, 2).contiguous(), jitter, random).contiguous()
    contrast, mask = image[:, :3], image[:, 3:]
    contrast = _relight(_correct_colours(contrast, jitter, random), jitter, random)
    contrast = _tilt(contrast, jitter, random) if jitter.slope else contrast
    contrast = _blur(contrast, jitter, random)
    contrast = contrast + _noise(contrast, jitter, random)
    mask = _outline(mask, jitter, random)
    return torch.cat([contrast.clamp(-1, 1), mask], dim=1).permute(0, 2, 3, 1).contiguous()


def _turn(image: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    """Flips and quarter turns, the same for a batch; some batches turned and zoomed one by one."""
    quarter = torch.randint(0, 4, (1,), generator=random, device=random.device)
    flipped = _uniform(1, random) < 0.5
    if jitter.flips:
        image = torch.rot90(image, int(quarter), (2, 3))
        image = image.flip(3) if bool(flipped) else image
    if bool(_uniform(1, random) >= jitter.turned):
        return image
    angle = _uniform(len(image), random) * 2 * torch.pi
    low, high = jitter.zoom
    scale = 1 / (low + (high - low) * _uniform(len(image), random))
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = torch.stack([cos, -sin, 0 * cos, sin, cos, 0 * cos], dim=1).view(-1, 2, 3)
    grid = functional.affine_grid(rows, list(image.shape), align_corners=False)
    return functional.grid_sample(image, grid, padding_mode="border", align_corners=False)


def _correct_colours(contrast: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    """Contrast after a camera's colour matrix, which mixes the channels; grey stays as it is.

    Light is linear: with a substrate of colour b, contrast mixes with the weights M_ij b_j,
    scaled so that each row sums to 1.
    """
    n = len(contrast)
    chosen = _uniform(n, random) < jitter.vivid_share
    strength = (jitter.vivid * _uniform(n, random) * chosen)[:, None, None]
    grey = torch.eye(3, device=random.device)
    matrix = grey + strength * (torch.tensor(COLOUR_MATRIX, device=random.device) - grey)
    substrate = torch.exp(jitter.substrate * _normal(n, 1, 3, random=random))
    mixed = matrix * substrate
    left = mixed.sum(dim=2, keepdim=True)
    # Nobody works with a channel that is nearly subtracted away.
    usable = (left > LEAST_CHANNEL * substrate.transpose(1, 2)).all(dim=1, keepdim=True)
    weights = torch.where(usable, mixed / left, grey)
    return torch.bmm(weights, contrast.flatten(2)).view_as(contrast)


def _relight(contrast: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    low, high = jitter.gamma
    gamma = low + (high - low) * _uniform(len(contrast), random)
    each = 1 + jitter.channel_gamma * _normal(len(contrast), 3, random=random)
    exponent = (gamma[:, None] * each.clamp(0.5, 1.5))[:, :, None, None]
    offset = jitter.offset * _normal(len(contrast), 3, 1, 1, random=random)
    return (1 + contrast).clamp(min=1e-3) ** exponent - 1 + offset


def _tilt(contrast: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    """Contrast under light that rises across the crop, in any direction, alike for all colours."""
    n, side = len(contrast), contrast.shape[2]
    along = torch.linspace(-1, 1, side, device=random.device)
    rise = jitter.slope * _normal(n, 2, random=random)
    across, down = rise[:, 0, None, None], rise[:, 1, None, None]
    light = 1 + across * along + down * along[:, None]
    return (1 + contrast) * light[:, None] - 1


def _noise(contrast: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    level = jitter.noise * _uniform(len(contrast), random)[:, None, None, None]
    return _normal(*contrast.shape, random=random) * level


def _blur(contrast: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    chosen = _uniform(len(contrast), random) < jitter.blur
    padded = functional.pad(contrast[chosen], (1, 1, 1, 1), mode="replicate")
    wide = (padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]) / 4
    soft = (wide[..., :-2, :] + 2 * wide[..., 1:-1, :] + wide[..., 2:, :]) / 4
    return contrast.masked_scatter(chosen[:, None, None, None], soft)


def _outline(mask: Tensor, jitter: Jitter, random: Generator) -> Tensor:
    draw = _uniform(len(mask), random)[:, None, None, None]
    smaller = shrunk(mask)
    # A strip that shrinking would wipe out stays as it is.
    left = smaller.sum(dim=(1, 2, 3), keepdim=True) > 0.3 * mask.sum(dim=(1, 2, 3), keepdim=True)
    mask = torch.where(draw < jitter.outline, grown(mask), mask)
    return torch.where((draw > 1 - jitter.outline) & left, smaller, mask)


def _uniform(n: int, random: Generator) -> Tensor:
    return torch.rand(n, generator=random, device=random.device)


def _normal(*shape: int, random: Generator) -> Tensor:
    return torch.randn(shape, generator=random, device=random.device)
