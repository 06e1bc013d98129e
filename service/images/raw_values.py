"""Raw values: numbers that look like an image but are none yet, a mosaic or an offset."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidImage

# Half of 16 bit: signed numbers, as ImageJ and some cameras keep them, have 0 there.
_SIGNED_ZERO = 32_768
# Colours of a substrate differ by more than this share between filters; rows and columns of a
# sensor differ by a hundredth of it.
_LEAST_SPREAD = 0.02
# The two greens are alike; a pattern of rows or columns alone is none of filters.
_GREENS_SHARE = 0.3


def check_values(pixels: NDArray[Any]) -> None:
    """Refuse values that mean something else than light.

    Raises
    ------
    InvalidImage
        16 bit values that are all at or above 32,768, or a grey image with the pattern of a
        colour sensor's filters.
    """
    if pixels.dtype == np.uint16 and int(pixels.min()) >= _SIGNED_ZERO:
        raise InvalidImage(
            f"All values are at or above 32,768 (the lowest is {int(pixels.min()):,}): these are "
            "signed numbers with an offset. Subtract 32,768 and save the image anew."
        )
    grey = pixels if pixels.ndim == 2 else pixels[..., 0] if pixels.shape[2] == 1 else None
    if grey is not None and min(grey.shape) >= 4 and _is_bayer(grey):
        raise InvalidImage(
            "The grey image has the pattern of a colour sensor's filters (Bayer): it is raw. Save "
            "it in colour."
        )


def _is_bayer(grey: NDArray[Any]) -> bool:
    """Whether in each quarter pixels of every second row and column differ, but for two greens."""
    height, width = (side // 4 * 2 for side in grey.shape)
    quarters = (
        grey[top : top + height, left : left + width] for top in (0, height) for left in (0, width)
    )
    kinds = {_greens(quarter) for quarter in quarters}
    return len(kinds) == 1 and kinds != {""}


def _greens(part: NDArray[Any]) -> str:
    """Which diagonal of the pattern has the greens; empty where there is no pattern."""
    cells = [part[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    means = [float(cell.mean(dtype=np.float64)) for cell in cells]
    spread, middle = max(means) - min(means), sum(means) / 4
    if middle <= 0 or spread < _LEAST_SPREAD * middle:
        return ""
    falling, rising = abs(means[0] - means[3]), abs(means[1] - means[2])
    same, other = sorted((falling, rising))
    # Red and blue differ from the greens, and the greens not from each other.
    apart = abs((means[0] + means[3]) - (means[1] + means[2])) / 2
    if same > _GREENS_SHARE * spread or max(other, apart) < 0.5 * spread:
        return ""
    return "falling" if falling < rising else "rising"
