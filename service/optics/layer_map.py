"""Layer map: the number of graphene layers at every pixel of a tile, its picture and coverage.

Quantitative optical mapping (Jessen et al., J. Appl. Phys. 123, 2018): each pixel is compared with
the contrasts of 0, 1, 2, ... layers, not each flake.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.optics.layers import estimate_layers
from service.optics.substrate import Substrate
from service.vision.candidate import Candidate
from service.vision.normalise import Normalised

# What is neither bare substrate nor of a known number of layers: thick graphite, residue, an edge.
UNKNOWN = 255
# Noise is taken off with a median over so many pixels, which keeps edges, on contrast in 8 bits.
MEDIAN_PX = 9
CODE, ZERO = 200, 200
# Colours are read in bins of so many of these steps, 0.02 of contrast: a sixth of a layer.
BIN = 4
# Less than this of any channel, in the darkest and brightest, is no thin graphite.
DARKEST, BRIGHTEST = 40, 245
# Bare substrate differs from itself by no more than this share of what one layer does, and where
# the tile holds none, by this contrast: half of what one layer is on 285 nm.
BARE_SHARE, BARE = 0.5, 0.05
# Less of a flake than this is not said to have another number of layers.
LEAST_SHARE = 0.05
# A step between two numbers blurs through all between them: what is narrower than this is no area,
# and belongs to what is nearest.
EDGE_PX = 5
# Colours of 0, 1, 2, ... layers, from light to dark, and of what is unknown, R, G, B.
COLOURS = (
    (245, 245, 245),
    (253, 231, 37),
    (122, 209, 81),
    (34, 168, 132),
    (42, 120, 142),
    (65, 68, 135),
    (68, 1, 84),
)
UNKNOWN_COLOUR = (150, 150, 150)
LEGEND_PX = 22

Layers = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a tile, or of a chip, is covered by one number of layers.

    Attributes
    ----------
    layers : int or None
        0 is bare substrate; None what is thick or unknown.
    area_um2 : float or None
        None where the scale is unknown.
    share : float
        Of all pixels that were looked at.
    """

    layers: int | None
    area_px: int
    area_um2: float | None
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a tile's flakes tell of its microscope and oxide.

    Attributes
    ----------
    contrasts_rgb : sequence of (r, g, b)
        Of its flakes.
    weights : sequence of float
        How much each of them may tell, from 0 to 1, as in `estimate_layers`.
    oxide_nm, substrate
        As in `estimate_layers`.
    """

    contrasts_rgb: Sequence[tuple[float, float, float]] = ()
    weights: Sequence[float] = ()
    oxide_nm: float | None = None
    substrate: Substrate | None = None


def map_layers(normalised: Normalised, seen: Seen) -> Layers:
    """Number of layers at every pixel, (height, width) of the tile in whole reduced pixels.

    0 is bare substrate, `UNKNOWN` what no number of layers from 1 to 10 explains. Pixels are read
    by their colours, each colour once, under the microscope that the tile's flakes agree on.
    """
    height, width = normalised.pixels.shape[:2]
    layers = _map(normalised, (slice(0, height), slice(0, width)), seen)
    times = normalised.reduction
    return np.repeat(np.repeat(layers, times, axis=0), times, axis=1)


def layer_shares(
    candidate: Candidate, normalised: Normalised, seen: Seen
) -> tuple[tuple[int, float], ...]:
    """Numbers of layers that a candidate holds, each with its share of the area, thinnest first.

    What is less than a twentieth is the blur of an edge, or dust.
    """
    step = normalised.reduction
    mask = candidate.mask[step // 2 :: step, step // 2 :: step]
    row, column = candidate.y // step, candidate.x // step
    rows = slice(row, min(row + mask.shape[0], normalised.pixels.shape[0]))
    columns = slice(column, min(column + mask.shape[1], normalised.pixels.shape[1]))
    layers = _map(normalised, (rows, columns), seen)
    own = layers[mask[: layers.shape[0], : layers.shape[1]]]
    known = own[(own > 0) & (own != UNKNOWN)]
    shares = np.bincount(known, minlength=1) / max(len(known), 1)
    found = np.flatnonzero(shares >= LEAST_SHARE)
    return tuple((int(number), float(shares[number])) for number in found)


def _map(normalised: Normalised, window: tuple[slice, slice], seen: Seen) -> Layers:
    """Number of layers at each reduced pixel of a window."""
    light = normalised.background_at(*window)
    ratio = cv2.divide(normalised.pixels[window], light, scale=CODE, dtype=cv2.CV_8U)
    coded = np.asarray(cv2.medianBlur(ratio, MEDIAN_PX), np.int32) // BIN
    keys = (coded[..., 0] * 64 + coded[..., 1]) * 64 + coded[..., 2]
    colours, counts = _colours(keys)
    number = _read(colours, counts, seen)
    table = np.full(64**3, UNKNOWN, np.uint8)
    table[(colours[:, 0] * 64 + colours[:, 1]) * 64 + colours[:, 2]] = number
    return _settled(table[keys])


def _colours(keys: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Binned colours that thin graphite or bare substrate may have, and how often each is there."""
    counts = np.bincount(keys.ravel(), minlength=64**3)
    found = np.flatnonzero(counts)
    colours = np.stack([found // 4096, found // 64 % 64, found % 64], axis=1)
    able = (colours.min(axis=1) >= DARKEST // BIN) & (colours.max(axis=1) <= BRIGHTEST // BIN)
    return colours[able], counts[found[able]]


def _read(colours: NDArray[np.int64], counts: NDArray[np.int64], seen: Seen) -> Layers:
    contrasts = ((colours + 0.5) * BIN - ZERO) / CODE
    flakes = list(seen.contrasts_rgb)
    estimates = estimate_layers(
        flakes + [(red, green, blue) for red, green, blue in contrasts.tolist()],
        oxide_nm=seen.oxide_nm,
        substrate=seen.substrate,
        weights=[*seen.weights, *np.zeros(len(contrasts))],
    )[len(flakes) :]
    number = np.array([UNKNOWN if e.layers is None else e.layers for e in estimates], np.uint8)
    size = np.abs(contrasts).max(axis=1)
    # One layer as the tile shows it: the most frequent colour that is read as one.
    single = (number == 1) & (size > BARE)
    limit = BARE
    if single.any():
        limit = BARE_SHARE * float(size[single][counts[single].argmax()])
    number[size < max(limit, BARE * BARE_SHARE)] = 0
    return number


def _settled(layers: Layers) -> Layers:
    """The map without the blur of its edges."""
    square = np.ones((EDGE_PX, EDGE_PX), np.uint8)
    kept = np.zeros(layers.shape, np.uint8)
    for number in np.unique(layers).tolist():
        own = cv2.inRange(layers, number, number)
        kept |= np.asarray(cv2.morphologyEx(own, cv2.MORPH_OPEN, square), np.uint8)
    if kept.all() or not kept.any():
        return layers
    distance, nearest = cv2.distanceTransformWithLabels(
        cv2.bitwise_not(kept), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of = np.zeros(int(nearest.max()) + 1, np.uint8)
    of[nearest[kept > 0]] = layers[kept > 0]
    return np.where(distance < EDGE_PX, of[nearest], layers).astype(np.uint8)


def coverage(layers: Layers, um_per_px: float | None = None) -> list[Coverage]:
    """Coverage by each number of layers that a map holds, unknown last."""
    counts = np.bincount(layers.ravel(), minlength=UNKNOWN + 1)
    return [
        Coverage(
            layers=None if number == UNKNOWN else number,
            area_px=int(counts[number]),
            area_um2=None if um_per_px is None else float(counts[number] * um_per_px**2),
            share=float(counts[number] / max(layers.size, 1)),
        )
        for number in np.flatnonzero(counts).tolist()
    ]


def paint(layers: Layers, *, legend: bool = True) -> NDArray[np.uint8]:
    """A map of layers as a picture, (height, width, 3) R, G, B, with its legend below."""
    table = np.full((256, 3), COLOURS[-1], np.uint8)
    table[: len(COLOURS)] = COLOURS
    table[UNKNOWN] = UNKNOWN_COLOUR
    picture = table[layers]
    if not legend:
        return picture
    strip = np.full((LEGEND_PX, layers.shape[1], 3), 255, np.uint8)
    for place, number in enumerate([c.layers for c in coverage(layers)]):
        left = 6 + place * 4 * LEGEND_PX
        name = "other" if number is None else "bare" if number == 0 else f"{number} L"
        colour = table[UNKNOWN if number is None else number].tolist()
        cv2.rectangle(strip, (left, 5), (left + 12, 17), colour, cv2.FILLED)
        cv2.rectangle(strip, (left, 5), (left + 12, 17), (90, 90, 90))
        cv2.putText(
            strip,
            name,
            (left + 18, 16),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.42,
            (30, 30, 30),
            1,
            cv2.LINE_AA,
        )
    return np.concatenate([picture, strip])
