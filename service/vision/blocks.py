"""Blocks: where a JPEG kept but one colour for 16 x 16 pixels, a block of another is no flake."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import Candidate

# JPEG codes colour in blocks of 8 x 8 samples (ITU-T T.81), and by habit one sample stands for
# 2 x 2 pixels: blocks of 16 pixels from the tile's top left corner on.
BLOCK_PX = 16
# By chance 3/16 of an outline lie within a pixel of a border between blocks. Of 5,569 candidates
# on annotated frames in six lights, 3 had more than half there; of 589 on a dark frame at
# JPEG quality 60, 436.
ALIGNED = 0.5
# ITU-R BT.601, by which JPEG parts brightness from colour. Brightness it codes much finer.
_LUMA = np.array([0.299, 0.587, 0.114])
# A colour's error leaves brightness as it is; graphene darkens or brightens all channels.
COLOUR_ONLY = 0.35


def is_block(
    candidate: Candidate, contrast_rgb: NDArray[Any], background_rgb: Sequence[float]
) -> bool:
    """Whether a candidate is nothing but blocks of a coarse JPEG's colour.

    Parameters
    ----------
    contrast_rgb : (3,)
        Of the region, to the bare substrate.
    background_rgb : (3,)
        Of the bare substrate, as the camera gives it.
    """
    step = contrast_rgb * np.asarray(background_rgb)
    if abs(float(_LUMA @ step)) > COLOUR_ONLY * float(np.abs(step).max()):
        return False
    return aligned_share(candidate) > ALIGNED


def aligned_share(candidate: Candidate) -> float:
    """Share of the outline that lies on a border between blocks, to a pixel."""
    padded = np.pad(candidate.mask, 1).astype(np.int8)
    # Where the mask begins or ends: left of column x + i, above row y + i.
    upright = np.count_nonzero(np.diff(padded, axis=1), axis=0)
    level = np.count_nonzero(np.diff(padded, axis=0), axis=1)
    on_border = upright[_near_border(candidate.x, upright.size)].sum()
    on_border += level[_near_border(candidate.y, level.size)].sum()
    return float(on_border / (upright.sum() + level.sum()))


def _near_border(first: int, count: int) -> NDArray[np.bool_]:
    return (np.arange(first, first + count) + 1) % BLOCK_PX <= 2
