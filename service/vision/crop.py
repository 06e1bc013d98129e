"""Crop: what the classifier sees of a candidate. Training and serving use this same code."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import Candidate
from service.vision.normalise import Normalised

# Stored in each network: one trained on other crops must not serve. Change it with this file,
# `normalise` or `background`.
PREPROCESSING_VERSION = "1"

# A crop shows the candidate and a fifth of its size around it, at least this much: enough to see
# what it lies on, hangs on or is an edge of.
CONTEXT = 0.2
LEAST_CONTEXT_PX = 8
# Brighter than this is saturated graphite or gold; how bright says nothing about a thin flake.
BRIGHTEST = 1.0


def crop(normalised: Normalised, candidates: Sequence[Candidate], size: int) -> NDArray[np.float32]:
    """Square crops of candidates with their surroundings.

    Returns
    -------
    (n, size, size, 4) float32
        Contrast R, G, B in [-1, 1] and the share of each pixel that is the candidate. Beyond the
        tile's border its last pixels are repeated.
    """
    crops = np.zeros((len(candidates), size, size, 4), np.float32)
    for one, candidate in zip(crops, candidates, strict=True):
        left, top, side = _square(candidate, normalised.reduction)
        pixels = _cut(normalised.pixels, left, top, side, cv2.BORDER_REPLICATE)
        light = _light(normalised, left, top, side, size)
        ratio = cv2.divide(_fit(pixels, size), light, dtype=cv2.CV_32F)
        one[..., :3] = np.clip(ratio - 1, -1, BRIGHTEST)
        one[..., 3] = _share(candidate, normalised.reduction, (left, top, side), size)
    return crops


def _square(candidate: Candidate, step: int) -> tuple[int, int, int]:
    """Compute left, top and side of the crop, in pixels of the normalised image."""
    x, y, width, height = candidate.bbox_px
    longest = max(width, height) / step
    side = int(np.ceil(longest + 2 * max(CONTEXT * longest, LEAST_CONTEXT_PX)))
    left = round((x + width / 2) / step - side / 2)
    top = round((y + height / 2) / step - side / 2)
    return left, top, side


def _cut(image: NDArray[Any], left: int, top: int, side: int, border: int) -> NDArray[Any]:
    height, width = image.shape[:2]
    inner = image[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    above, before = max(-top, 0), max(-left, 0)
    below, after = max(top + side - height, 0), max(left + side - width, 0)
    if above + before + below + after == 0:
        return inner
    return np.asarray(cv2.copyMakeBorder(inner, above, below, before, after, border))


def _light(
    normalised: Normalised, left: int, top: int, side: int, size: int
) -> NDArray[np.float32]:
    """Background in the middle of each of the crop's pixels: it is linear over so little."""
    cell = normalised.cell_px
    along = (np.arange(size, dtype=np.float32) + 0.5) * np.float32(side / size)
    x, y = (along + left) / cell - 0.5, (along + top) / cell - 0.5
    columns, rows = np.empty((2, size, size), np.float32)
    columns[:], rows[:] = x, y[:, None]
    return np.asarray(
        cv2.remap(
            normalised.background, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def _share(
    candidate: Candidate, step: int, square: tuple[int, int, int], size: int
) -> NDArray[np.float32]:
    left, top, side = square
    x, y = candidate.x - left * step, candidate.y - top * step
    own = candidate.mask
    if side > size and not any(number % step for number in (x, y, *own.shape)):
        # Cut from an image reduced by `step`, the mask is made of blocks: one pixel tells each.
        x, y, own, step = x // step, y // step, own[::step, ::step], 1
    mask = np.zeros((side * step, side * step), np.float32)
    mask[y : y + own.shape[0], x : x + own.shape[1]] = own
    return _fit(mask, size)


def _fit(image: NDArray[Any], size: int) -> NDArray[np.float32]:
    shrinks = image.shape[0] > size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size, size), interpolation=how), np.float32)
