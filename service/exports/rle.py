"""Run lengths of a mask, as COCO writes them without compression."""

import numpy as np
from numpy.typing import NDArray


def run_lengths(
    mask: NDArray[np.bool_], corner_px: tuple[int, int], image_px: tuple[int, int]
) -> list[int]:
    """Lengths of runs of 0 and 1 in turns, 0 first, down the columns of the whole image.

    Parameters
    ----------
    mask : (h, w) bool
    corner_px : (x, y)
        Where the mask's top-left corner lies on the image.
    image_px : (width, height)
    """
    width_px, height_px = image_px
    x, y = corner_px
    columns, rows = np.nonzero(mask.T)  # in the order of columns
    places = (columns + x).astype(np.int64) * height_px + rows + y
    if not len(places):
        return [width_px * height_px]
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [len(places) - 1]])] + 1
    # 0 up to the first start, then to each end, start, end, ... and to the end of the image.
    edges = np.column_stack([starts, ends]).ravel()
    bounds = np.concatenate([[0], edges, [width_px * height_px]])
    counts: list[int] = np.diff(bounds).tolist()
    return counts if counts[-1] else counts[:-1]
