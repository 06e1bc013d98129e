"""Duplicates: pictures that show the same, found by perceptual hash."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.examples.image_folder import Pictures
from models.examples.tight import TightCrop, read_picture
from service.errors import FlakescopeError

# Larger ones hold the noise of crops that are some 45 px wide themselves.
THUMBNAIL_PX = 16
# Correlation of two thumbnails. No two of 3,758 different crops reach more than 0.980. Of 500 of
# them, changed, over 0.985 are: all at another brightness, 98 % as JPEG of quality 80 or at 1.5 of
# the size, 96 % at 0.8 of it, 94 % with noise, 87 % as JPEG of quality 50, 73 % at half the size,
# 69 % turned by 2 degrees, 58 % cut by one pixel. The 256 bits of a DCT hash found 53 % of those of
# quality 80: most of them tell the noise of so small a picture.
SAME = 0.985
LISTED = 20


class DuplicatesAcrossSplits(FlakescopeError):
    """The same picture would be learned from and tested on."""


def fingerprints(paths: Sequence[Path]) -> NDArray[np.float32]:
    """Perceptual hash of each picture: its grey thumbnail, of mean 0 and length 1; (n, 256)."""
    found = np.zeros((len(paths), THUMBNAIL_PX**2), np.float32)
    for number, path in enumerate(paths):
        grey = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
        shades = small.ravel() - small.mean()
        # A picture of one colour is like no other.
        found[number] = shades / max(float(np.linalg.norm(shades)), 1.0)
    return found


def duplicates(prints: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Pairs of rows that correlate over `SAME`, the lower number first."""
    pairs = []
    for row in range(len(prints) - 1):
        same = row + 1 + np.flatnonzero(prints[row + 1 :] @ prints[row] > SAME)
        pairs += [(row, other) for other in same.tolist()]
    return pairs


def refuse_duplicates(pictures: Pictures) -> None:
    """Refuse pictures that are in two groups, or in both the train and the test folder.

    Raises
    ------
    DuplicatesAcrossSplits
        With a list of them.
    """
    crops: list[TightCrop] = list(chain(pictures.train, pictures.test))
    split = [(row >= len(pictures.train), crop.group) for row, crop in enumerate(crops)]
    pairs = duplicates(fingerprints([crop.path for crop in crops]))
    across = [(a, b) for a, b in pairs if split[a] != split[b]]
    if not across:
        return
    lines = [f"{crops[a].path} = {crops[b].path}" for a, b in across[:LISTED]]
    more = f"\n... and {len(across) - LISTED} more" if len(across) > LISTED else ""
    raise DuplicatesAcrossSplits(
        f"{len(across)} pictures would be both learned from and tested on: remove one of each "
        "pair, or put both into one group.\n" + "\n".join(lines) + more
    )
