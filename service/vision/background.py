"""The bare substrate's colour at every place of a tile, also where flakes hide it."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import largest

# Colours closer than this in log intensity (about 5 %) are one colour when the substrate is sought:
# wider than noise and JPEG, narrower than the step of one layer of graphene in green.
COLOUR_BIN = 0.05
# Contrast up to which a pixel counts as substrate, and the order of the surface fitted to it. A
# vignette may halve the light towards the corners, so the fit starts loose and flat and closes in;
# it ends well below the green step of one layer (0.13 on 90 and 285 nm).
STEPS = ((0.20, 1), (0.10, 2), (0.06, 3), (0.04, 4))
# The substrate lies all over a tile while even a big flake is compact: votes are counted by cell.
CELLS = 12
# Exposure is set for the substrate: what nearly saturates two channels is thick graphite or gold.
BRIGHT = 0.85
# Every third pixel each way is enough to fit 15 coefficients, every eighth to find a colour.
STRIDE = 3
VOTER = 8
# Standard deviation of a blur, in pixels, that is still smooth.
SIGMA = 5

Array = NDArray[Any]  # float32, which OpenCV does not promise in its types
Mask = NDArray[np.bool_]


def background_surface(pixels: Array) -> tuple[Array, Mask]:
    """Colour of the bare substrate at every pixel of a reduced tile, and where it lies bare.

    Robust to thick flakes on most of the image, to marks and black areas: the substrate is the
    smooth colour that is spread over most cells of a grid, not the most frequent colour.

    Parameters
    ----------
    pixels : (h, w, 3) float32
        About 100-300 pixels a side, full scale = 1.

    Returns
    -------
    surface : (h, w, 3) float32, above 0
    bare : (h, w) bool
    """
    log = cv2.log(np.maximum(pixels, 1e-3))
    brightest = largest(pixels)
    usable = _smooth(log) & (brightest < 0.995) & (brightest > 0.02)
    if np.count_nonzero(usable) < 60:  # black, saturated or all edges: nothing to fit to
        level = np.maximum(np.median(pixels.reshape(-1, 3), axis=0), 1e-3).astype(np.float32)
        return np.broadcast_to(level, pixels.shape).copy(), usable
    surface = np.broadcast_to(_commonest_colour(log, usable), log.shape).copy()
    for tolerance, order in STEPS:
        bare = usable & (largest(cv2.absdiff(log, surface)) < tolerance)
        surface = _fit(log, bare, order)
    bare = usable & (largest(cv2.absdiff(log, surface)) < STEPS[-1][0])
    surface = surface + _local_residual(log - surface, bare)
    return cv2.exp(surface), bare


def _smooth(log: Array) -> Mask:
    step = cv2.morphologyEx(log, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(largest(step) < 2 * COLOUR_BIN)


def _commonest_colour(log: Array, usable: Mask) -> Array:
    """Log colour that most cells of a grid hold."""
    height, width = usable.shape
    rows, columns = np.divmod(np.flatnonzero(usable)[::VOTER], width)
    cell = rows * CELLS // height * CELLS + columns * CELLS // width
    filled = np.bincount(cell, minlength=CELLS * CELLS).clip(1)
    colours = log[rows, columns]
    bins = np.floor((colours + 7) / COLOUR_BIN).astype(np.int64)
    keys = bins @ (1_000_000, 1_000, 1)
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    planes = np.ascontiguousarray(colours.T)
    chosen, most = planes[:, 0], 0.0
    for index in first[np.argsort(-counts)[:8]]:
        near = (abs(planes - planes[:, index, None]) < COLOUR_BIN).all(axis=0)
        # The root lets many cells with a little of a colour outweigh a few that are full of it.
        votes = float(np.sqrt(np.bincount(cell[near], minlength=CELLS * CELLS) / filled).sum())
        if votes > most:  # medians take longest, so only of what may win
            colour = np.median(planes[:, near], axis=1)
            votes /= 1 if np.sort(np.exp(colour))[1] < BRIGHT else 3
        if votes > most:
            chosen, most = colour, votes
    return np.asarray(chosen, np.float32)


def _fit(log: Array, bare: Mask, order: int) -> Array:
    """Least-squares polynomial surface of each channel through the bare pixels."""
    y, x, powers, terms = _polynomials(*bare.shape, order)
    at = np.flatnonzero(bare[::STRIDE, ::STRIDE])
    basis = terms[:, at].T
    # A little ridge keeps high orders from running away where no substrate is seen.
    ridge = np.diag(1e-9 + 1e-4 * len(at) * (powers.sum(axis=1) > 1))
    seen = log[::STRIDE, ::STRIDE].reshape(-1, 3)[at]
    solution = np.linalg.solve(basis.T @ basis + ridge, basis.T @ seen)
    coefficients = np.zeros((order + 1, order + 1, 3))
    coefficients[powers[:, 0], powers[:, 1]] = solution
    surface = np.empty((*bare.shape, 3), np.float32)
    for channel in range(3):
        surface[..., channel] = y @ coefficients[..., channel] @ x.T
    return surface


@lru_cache(maxsize=16)  # the tiles of a scan are of one size
def _polynomials(height: int, width: int, order: int) -> tuple[Array, Array, Array, Array]:
    """Powers of y and of x, the pairs that are terms, and each term at every third pixel."""
    y = np.linspace(-1, 1, height)[:, None] ** np.arange(order + 1)
    x = np.linspace(-1, 1, width)[:, None] ** np.arange(order + 1)
    powers = np.array([(j, i) for j in range(order + 1) for i in range(order + 1 - j)])
    terms = y[::STRIDE].T[powers[:, 0], :, None] * x[::STRIDE].T[powers[:, 1], None, :]
    return y, x, powers, terms.reshape(len(powers), -1)


def _local_residual(residual: Array, bare: Mask) -> Array:
    """What the polynomial left over, averaged over the bare pixels around each place."""
    height, width = bare.shape
    sigma = max(height, width) / 16
    # A blur so wide is the same on a smaller image, in a tenth of the time.
    times = max(int(sigma / SIGMA), 1)
    size = (max(width // times, 1), max(height // times, 1))
    weight = bare.astype(np.float32)
    weighted = cv2.resize(residual * weight[..., None], size, interpolation=cv2.INTER_AREA)
    weight = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
    mass = cv2.GaussianBlur(weight, (0, 0), sigma / times, borderType=cv2.BORDER_REFLECT)
    blurred = cv2.GaussianBlur(weighted, (0, 0), sigma / times, borderType=cv2.BORDER_REFLECT)
    # Where hardly any substrate is near, the polynomial alone is the better guess.
    return np.asarray(cv2.resize(blurred / (mass + 0.05)[..., None], (width, height)), np.float32)
