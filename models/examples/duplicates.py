"""Duplicates: pictures that show the same, found by perceptual hash."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.examples.image_folder import Pictures
from models.examples.tight import TightCrop, read_picture
from service.errors import FlakescopeError

# 256 bits: with the usual 64 different flakes of one outline could not be told apart.
HASH_SIDE = 16
# Different flakes of 3,758 crops differ in at least 38 bits; the same picture saved again as
# JPEG of quality 50, at another brightness or at 0.8 of its size in at most 16.
SAME_BITS = 20
LISTED = 20


class DuplicatesAcrossSplits(FlakescopeError):
    """The same picture would be learned from and tested on."""


def fingerprints(paths: Sequence[Path]) -> NDArray[np.uint8]:
    """Perceptual hash of each picture, (n, 32), eight bits a byte."""
    found = np.zeros((len(paths), HASH_SIDE**2 // 8), np.uint8)
    for row, path in zip(found, paths, strict=True):
        grey = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY)
        row[:] = np.packbits(imagehash.phash(Image.fromarray(grey), hash_size=HASH_SIDE).hash)
    return found


def duplicates(prints: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Pairs of rows that differ in at most `SAME_BITS`, the lower number first."""
    pairs = []
    for row in range(len(prints) - 1):
        bits = np.bitwise_count(prints[row + 1 :] ^ prints[row]).sum(axis=1)
        same = row + 1 + np.flatnonzero(bits <= SAME_BITS)
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
