"""Measured contrasts of flakes, as the models take them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.errors import InvalidValue
from service.optics.constants import FloatArray

# No flake is so bright: a contrast that is not a number is put here, where nothing explains it.
NO_CONTRAST = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Flakes:
    """Contrasts under one microscope on one oxide.

    Attributes
    ----------
    contrasts : (n, 3) float64
        R, G, B; finite.
    weights : (n,) float64
        How much each flake tells of microscope and oxide, from 0 to 1.
    """

    contrasts: FloatArray
    weights: FloatArray

    def heaviest(self, most: int) -> "Flakes":
        """At most so many of them, those of most weight first."""
        order = np.argsort(-self.weights, kind="stable")[:most]
        return Flakes(self.contrasts[order], self.weights[order])


def collect(
    contrasts_rgb: Sequence[tuple[float, float, float]], weights: Sequence[float] | None
) -> Flakes:
    """Gather contrasts with their weights, 1 where none are given; not a number weighs nothing.

    Raises
    ------
    InvalidValue
        There are not as many weights as contrasts, or one is not from 0 to 1.
    """
    contrasts = np.array(contrasts_rgb, np.float64).reshape(-1, 3)
    trust = np.ones(len(contrasts)) if weights is None else np.array(weights, np.float64)
    if len(trust) != len(contrasts):
        raise InvalidValue(f"{len(contrasts)} contrasts have {len(trust)} weights")
    if not np.all((trust >= 0) & (trust <= 1)):
        raise InvalidValue("a flake's weight must be from 0 to 1")
    measured = np.asarray(np.isfinite(contrasts).all(axis=1))
    return Flakes(
        np.where(measured[:, None], np.clip(contrasts, -1, NO_CONTRAST), NO_CONTRAST),
        np.where(measured, trust, 0.0),
    )
