"""What may be wrong with labelled pictures: each check gives the rows that it suspects."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.examples.duplicates import duplicates, fingerprints
from models.examples.tight import TightCrop, read_picture

# Below this shorter side a picture is enlarged over three times to 48 px: nothing but blur is left.
TINY_PX = 16
# Pixels within which the height of an edge is measured. Real crops' edges are 2 to 3 px wide; what
# is wider than the span looks as if it ended there, so that with 7 a third of what was blurred by
# 2 px was missed. Of 376 real crops blurred by 2, 3 and 5 px these find 89, 96 and 94 %, and two
# of the sharp ones; where a tenth of all are blurred, 79, 96 and 94 %. A blur of 1 px is not seen:
# crops differ by more.
SPAN = 11
# Of a picture's whole range: terraces of several layers share it between their edges.
STRONG = 0.25
# Robust standard deviations below the middle of all pictures.
FAR = 2.5
# A median absolute deviation is so much of a standard deviation.
MAD = 0.6745
# Pictures that are sharp alike to a tenth are sharp alike: no eye sees less.
LEAST_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspect picture.

    Attributes
    ----------
    row, other : int
        Its number, and that of the picture that it duplicates.
    why : str
        In a few words.
    """

    row: int
    why: str
    other: int | None = None


def near_duplicates(crops: Sequence[TightCrop]) -> list[Finding]:
    """Pairs of pictures that look the same; those with different labels or groups first."""
    pairs = duplicates(fingerprints([crop.path for crop in crops]))
    found = []
    for first, second in pairs:
        one, other = crops[first], crops[second]
        if one.is_graphene != other.is_graphene:
            why = "labelled differently"
        elif one.group != other.group:
            why = f"in two groups: {one.group}, {other.group}"
        else:
            why = "in one group"
        found.append(Finding(first, why, second))
    return sorted(found, key=lambda finding: finding.why, reverse=True)


def tiny(crops: Sequence[TightCrop]) -> list[Finding]:
    """Pictures whose shorter side is under `TINY_PX`, the smallest first."""
    sides = [min(read_picture(crop.path).shape[:2]) for crop in crops]
    rows = sorted((side, row) for row, side in enumerate(sides) if side < TINY_PX)
    return [Finding(row, f"{side} px") for side, row in rows]


def blurred(crops: Sequence[TightCrop]) -> list[Finding]:
    """Pictures whose edges are far softer than those of most others, or that have none."""
    steepness = np.log([max(sharpness(crop.path), 1e-6) for crop in crops])
    middle = np.median(steepness)
    spread = max(float(np.median(np.abs(steepness - middle))) / MAD, LEAST_SPREAD)
    below = (middle - steepness) / spread
    rows = np.flatnonzero(below > FAR)
    rows = rows[np.argsort(-below[rows])]
    return [Finding(row, f"sharpness {np.exp(steepness[row]):.2f}") for row in rows.tolist()]


def sharpness(path: Path) -> float:
    """Share of an edge's height that its steepest pixel makes, median over the strong edges.

    Neither size nor contrast of the flake matter; the median filter keeps noise from being an
    edge.
    """
    green = cv2.medianBlur(np.ascontiguousarray(read_picture(path)[..., 1]), 3)
    window = np.ones((1, SPAN), np.uint8)
    shares = []
    for lines in (green, np.ascontiguousarray(green.T)):
        height = cv2.morphologyEx(lines, cv2.MORPH_GRADIENT, window)
        steps = cv2.absdiff(lines[:, 1:], lines[:, :-1])
        steepest = cv2.dilate(steps, window)
        strong = height[:, 1:] > STRONG * max(float(np.ptp(green)), 1.0)
        shares.append(steepest[strong] / height[:, 1:][strong].astype(np.float64))
    found = np.concatenate(shares)
    return float(np.median(found)) if len(found) else 0.0


def suspects(loss: NDArray[np.float64], label: NDArray[np.int8], count: int) -> list[Finding]:
    """Rows of the largest loss by networks that had not seen them: likely mislabelled, or hard.

    Only those that the networks take for the other class, the surest of them first.
    """
    rows = np.argsort(-loss)
    wrong = [row for row in rows.tolist() if loss[row] > np.log(2)]
    said = {1: "labelled graphene", 0: "labelled not graphene"}
    return [Finding(row, f"{said[int(label[row])]}, loss {loss[row]:.1f}") for row in wrong[:count]]
