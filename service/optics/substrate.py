"""A substrate under one microscope, and the contrasts of graphene flakes on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.errors import InvalidValue
from service.optics.microscopes import ContrastModel, usual_contrasts
from service.optics.thin_film import FloatArray

# Error of a flake's own background, under which no measured contrast can be compared.
LEAST_SD = 0.005

Matrix = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Measured contrast of one number of layers.

    Attributes
    ----------
    contrast_rgb : (r, g, b)
    covariance_rgb : 3 rows of 3
        Rows and columns R, G, B.
    """

    layers: int
    contrast_rgb: tuple[float, float, float]
    covariance_rgb: Matrix


@dataclass(frozen=True, slots=True)
class Substrate:
    """A substrate under one microscope: its oxide, and the contrasts that were measured on it.

    Attributes
    ----------
    references : tuple of Reference
        In order of layers; empty where only the oxide is known.
    """

    name: str
    oxide_nm: float | None = None
    references: tuple[Reference, ...] = ()

    @property
    def model(self) -> ContrastModel:
        """The references in the form of the thin-film model, on one hypothesis."""
        mean = np.array([reference.contrast_rgb for reference in self.references])
        covariance = np.array([reference.covariance_rgb for reference in self.references])
        variances, axes = np.linalg.eigh(covariance)
        return ContrastModel(
            layers=tuple(reference.layers for reference in self.references),
            oxide_nm=np.array([np.nan if self.oxide_nm is None else self.oxide_nm]),
            log_prior=np.zeros(1),
            mean=mean[None],
            variance=np.full((1, *mean.shape), LEAST_SD**2),
            # A square root of the covariance; a channel that never varied may have none.
            directions=(axes * np.sqrt(np.maximum(variances, 0))[:, None])[None],
        )


@dataclass(frozen=True, slots=True, eq=False)
class ContrastCurve:
    """Contrast over the number of layers, as the usual microscopes see it.

    Attributes
    ----------
    layers : (n,) float64
    contrast_rgb, sigma_rgb : (n, 3) float64
        Mean, and standard deviation from one microscope, and one wafer, to another.
    """

    layers: FloatArray
    contrast_rgb: FloatArray
    sigma_rgb: FloatArray


def contrast_curve(
    oxide_nm: float, layers: Sequence[float], *, oxide_sd_nm: float = 0.0
) -> ContrastCurve:
    """Compute thin-film contrast on an oxide, give or take, for a plot beside measured flakes."""
    if not 0 <= oxide_nm < np.inf:
        raise InvalidValue(f"oxide_nm is {oxide_nm:g}: must be a number of at least 0")
    numbers = np.array(layers, np.float64)
    seen = np.concatenate(
        [usual_contrasts(numbers, oxide_nm, oxide_sd_nm, vivid=vivid) for vivid in (False, True)]
    )
    return ContrastCurve(numbers, seen.mean(axis=0), seen.std(axis=0))


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
        """Select at most so many of the flakes, those of most weight first."""
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
