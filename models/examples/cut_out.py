"""Cut a flake out of a tight crop: its contrast and mask, where its substrate can be seen."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.examples.physics import distance_to_graphene

# Colours closer than this, in log intensity, are one colour: about a third of a layer in green.
COLOUR_BIN = 0.04
# A colour that covers less than this share of a crop is an edge or dirt.
LEAST_SHARE = 0.05
# A flake's colour is this near to its layers' contrast against its substrate's colour: three
# standard deviations of what is measured on one substrate.
FIT = 0.05
# A foreign flake differs from its substrate by at least this.
FOREIGN = 0.08
# Pixels this close to the flake's contrast are the flake's: half a layer.
SAME = 0.06
LEAST_PX = 80


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """A flake without its surroundings.

    Attributes
    ----------
    contrast : (h, w, 3) float32
        R, G, B against the crop's own substrate.
    mask : (h, w) bool
    """

    contrast: NDArray[np.float32]
    mask: NDArray[np.bool_]


def cut_out(pixels: NDArray[np.uint8], layers: int | None, oxide_nm: float) -> CutOut | None:
    """Cut out a tight crop's flake, (h, w, 3) uint8; None where its substrate is not to be seen.

    Which colour is the substrate's is told from the flake's number of layers, or where that is
    None from any of 1 to 4. A foreign flake (0 layers) lies on the brightest colour that is not
    saturated.
    """
    log = np.log(np.maximum(pixels, 1) / 255).astype(np.float32)
    colours, shares = _colours(log)
    if len(colours) < 2:
        return None
    pair = (
        _foreign_pair(colours, shares)
        if layers == 0
        else _graphene_pair(colours, shares, layers, oxide_nm)
    )
    if pair is None:
        return None
    substrate, flake = pair
    contrast = np.exp(log - substrate) - 1
    away = np.abs(contrast - (np.exp(flake - substrate) - 1)).max(axis=2)
    mask = cv2.morphologyEx((away < SAME).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3)))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8))
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < LEAST_PX:
        return None
    return CutOut(contrast.astype(np.float32), parts == largest)


def _colours(log: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Log colours of even areas and the share of the crop that each covers, most first."""
    step = cv2.morphologyEx(log, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    even = log[step < 3 * COLOUR_BIN]
    if len(even) == 0:
        return np.empty((0, 3), np.float32), np.empty(0)
    found: list[NDArray[np.float32]] = []
    shares: list[float] = []
    left = even
    while len(left) > LEAST_SHARE * len(even) and len(found) < 8:
        bins, counts = np.unique(np.round(left / COLOUR_BIN), axis=0, return_counts=True)
        centre = bins[np.argmax(counts)] * COLOUR_BIN
        near = np.abs(left - centre).max(axis=1) < COLOUR_BIN
        share = np.count_nonzero(near) / log[..., 0].size
        if share > LEAST_SHARE:
            found.append(np.median(left[near], axis=0))
            shares.append(share)
        left = left[~near]
    return np.array(found, np.float32).reshape(-1, 3), np.array(shares)


def _graphene_pair(
    colours: NDArray[np.float32], shares: NDArray[np.float64], layers: int | None, oxide_nm: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Colours of substrate and flake that differ as so many layers do; the larger the likelier."""
    best, most = None, 0.0
    for s, substrate in enumerate(colours):
        for f, flake in enumerate(colours):
            red, green, blue = (np.exp(flake - substrate) - 1).tolist()
            fits = distance_to_graphene((red, green, blue), oxide_nm, layers) < FIT
            if s != f and fits and shares[f] * np.sqrt(shares[s]) > most:
                best, most = (substrate, flake), shares[f] * np.sqrt(shares[s])
    return best


def _foreign_pair(
    colours: NDArray[np.float32], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    usable = np.exp(colours).max(axis=1) < 0.8
    if not usable.any():
        return None
    brightness = np.where(usable, colours.mean(axis=1), -np.inf)
    substrate = colours[int(np.argmax(brightness))]
    contrast = np.abs(np.exp(colours - substrate) - 1).max(axis=1)
    others = np.flatnonzero((contrast > FOREIGN) & usable)
    if len(others) == 0:
        return None
    return substrate, colours[others[int(np.argmax(shares[others]))]]
