"""Bare: which of a tile's levels is the bare substrate, told by what graphite can look like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.vision.decode import KnownSubstrate
from service.vision.levels import Levels

# Thin graphite on the oxides that graphene is seen on (80-110 and 270-310 nm, one to four layers,
# the usual microscopes: the tests compare) darkens red and green, one of them by at least the first
# and at most the second in log intensity; blue by 1.4 times as much at most, or it brightens it by
# up to 0.8 times as much (one real camera on 285 nm: 0.57).
LEAST_DARKER, MOST_DARKER = 0.055, 0.6
BRIGHTER, BLUE_DARKER, BLUE_BRIGHTER = 0.02, 1.4, 0.8
# Exposure is set for the substrate: what nearly saturates two channels is thick graphite or gold.
BRIGHT = 0.85
# No thing on a chip is so many times as bright as bare substrate; a field stop is darker.
STOP = 8.0
# The substrate lies all over a tile while even a big flake is compact: votes are counted by cell.
CELLS = 12
# A level that covers less than this is no argument against another.
LEAST_SHARE = 0.04
# Odds, as a logarithm, by which a level speaks against a substrate: one that is a little brighter,
# as bare substrate is beside graphite; one that is no thin graphite beside it.
AGAINST, UNLIKE = 6.0, 1.0
# Standard deviation by which lamp and camera change between the tiles of a scan, in log intensity.
DRIFT = 0.06
# From this probability on the substrate is told without a warning.
SURE = 0.75
# Odds, as a logarithm, against a level that is to the scan's substrate as graphite is, or so far
# from it that neither lamp nor camera drift so.
STRANGE = 12.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Which level is the bare substrate, and how sure that is.

    Attributes
    ----------
    level : int or None
        None where the substrate's colour is known and no level has it.
    probability : float
        Of this reading against all others; 1/2 where two are as good.
    """

    level: int | None
    probability: float

    @property
    def doubt(self) -> str | None:
        """Why the tile's contrast should not be trusted, in words; None where it may be."""
        if self.level is None:
            if self.probability:
                return "No bare substrate on this tile: contrast is to that of the scan's others."
            return "Nothing on this tile is even: it has no colour of bare substrate."
        if self.probability < SURE:
            return (
                "Two colours of this tile may be the bare substrate: the one that was taken is it "
                f"with a probability of {self.probability:.2f}."
            )
        return None


# Of a tile on which nothing is flat.
NOTHING = Choice(None, 0.0)


def is_thin(difference: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether differences of log intensity, (..., 3), are those of thin graphite to its oxide."""
    red, green, blue = np.moveaxis(difference, -1, 0)
    darker = np.maximum(-red, -green)
    return np.asarray(
        (darker > LEAST_DARKER)
        & (np.minimum(-red, -green) > -BRIGHTER)
        & (darker < MOST_DARKER)
        & (blue > -BLUE_DARKER * darker)
        & (blue < BLUE_BRIGHTER * darker)
    )


def choose(levels: Levels, known: KnownSubstrate | None = None) -> Choice:
    """Weigh each level as the bare substrate.

    For it speaks that it lies all over the tile; against it each level that is to it what bare
    substrate is to graphite: nothing large and flat is a little brighter than bare substrate.
    """
    votes = _votes(levels)
    able = np.flatnonzero(votes > 0)
    differences = levels.colour[None, :] - levels.colour[:, None]  # of the second to the first
    bright = np.sort(np.exp(levels.colour), axis=1)[:, 1] > BRIGHT
    weight = np.where(bright, 0.0, np.minimum(levels.share / LEAST_SHARE, 1))
    against = is_thin(-differences) @ weight
    like = np.abs(differences).max(axis=2) < LEAST_DARKER
    unlike = ~(like | is_thin(differences)) @ np.minimum(levels.share / LEAST_SHARE, 1)
    odds = np.log(np.maximum(votes, 1e-9))
    odds -= AGAINST * np.minimum(against, 1.5) + UNLIKE * unlike
    odds -= np.log(3) * bright
    odds -= AGAINST * _is_stop(levels, votes)
    if known is not None:
        strangeness = _strangeness(levels, known)
        if strangeness[able].min() >= STRANGE:
            return Choice(None, 1.0)
        odds -= strangeness
    best = int(able[odds[able].argmax()])
    probability = np.exp(odds[able] - odds[best])
    return Choice(best, float(probability[like[best, able]].sum() / probability.sum()))


def _strangeness(levels: Levels, known: KnownSubstrate) -> NDArray[np.float64]:
    """How far each level is from what the scan's substrate may have become, at most `STRANGE`."""
    apart = levels.colour - np.log(np.maximum(known.background_rgb, 1e-3))
    drift = (np.abs(apart).max(axis=1) / DRIFT) ** 2 / 2
    return np.where(is_thin(apart), STRANGE, np.minimum(drift, STRANGE))


def _votes(levels: Levels) -> NDArray[np.float64]:
    """How far each level is spread over the tile."""
    height, width = levels.label.shape
    rows, columns = np.nonzero(levels.label >= 0)
    cell = rows * CELLS // height * CELLS + columns * CELLS // width
    filled = np.bincount(cell, minlength=CELLS**2).clip(1)
    own = levels.label[rows, columns]
    counts = np.bincount(own * CELLS**2 + cell, minlength=len(levels.colour) * CELLS**2)
    # The root lets many cells with a little of a colour outweigh a few that are full of it.
    return np.asarray(np.sqrt(counts.reshape(-1, CELLS**2) / filled).sum(axis=1) / CELLS**2)


def _is_stop(levels: Levels, votes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Darker than anything that light falls on: beyond a field stop, the border of a mosaic."""
    green = levels.colour[:, 1]
    return np.asarray(green < green[votes > LEAST_SHARE].max(initial=-99.0) - np.log(STOP))
