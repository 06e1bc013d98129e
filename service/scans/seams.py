"""Seams: objects that go on across the common border of two tiles that do not overlap. Pure."""

import numpy as np

from service.scans.patches import LARGEST_GAP_PX, SAME_SHARE, Patch

# Shorter seams prove nothing: about the side of what `LEAST_SHARED_PX` pixels fill.
LEAST_SEAM_PX = 5
# Half the step of one layer in the channel that shows it best, on 90 as on 285 nm; and what light
# and focus change from tile to tile in the contrast of thick flakes.
SAME_CONTRAST, SAME_CONTRAST_SHARE = 0.04, 0.15

Rgb = tuple[float, float, float]


def abuts(one: Patch, other: Patch) -> bool:
    """Whether patches of two tiles that lie edge to edge go on in each other across the border.

    Both have to reach the common edge, over the same stretch of it for the most part.
    """
    frame = one.tile_in(one.stage), other.tile_in(one.stage)
    low = np.maximum(frame[0].low, frame[1].low)
    high = np.minimum(frame[0].high, frame[1].high)
    # How far the tiles overlap; below 0 where a gap is between them.
    across = int(np.argmin(high - low))
    if not (abs(high - low)[across] <= LARGEST_GAP_PX < (high - low)[1 - across]):
        return False
    edge = float((low + high)[across]) / 2
    first, second = (patch.seam(one.stage, across, edge) for patch in (one, other))
    start, stop = max(first[0], second[0]), min(first[1], second[1])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return shorter >= LEAST_SEAM_PX and stop - start >= SAME_SHARE * shorter


def is_alike(one: Rgb, other: Rgb) -> bool:
    """Whether two contrasts are those of one number of layers."""
    return all(
        abs(mine - others) <= SAME_CONTRAST + SAME_CONTRAST_SHARE * min(abs(mine), abs(others))
        for mine, others in zip(one, other, strict=True)
    )
