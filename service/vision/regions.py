"""Regions: the tile divided into bare substrate and areas of one contrast each."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.joining import Areas, Code, owners

# Contrast in 8 bits: ZERO + LEVELS * contrast. A step is 0.005, far below one layer; the range is
# -1 to +0.27, since thin graphene is darker than usual oxides or hardly brighter: what lies above
# is thick or gold and need not be told apart.
LEVELS = 200
ZERO = 200

SUBSTRATE = 1
FIRST = 2  # label of the first region; 0 is undecided, -1 the line between two regions

SQUARE = np.ones((3, 3), np.uint8)
# Flat areas joined by less than this (pixels) begin as two.
DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
# As far as a blurred edge reaches.
NEAR = np.ones((7, 7), np.uint8)
# Cores smaller than this are noise.
MIN_CORE_PX = 8

Labels = NDArray[np.int32]
Coded = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """A tile divided by contrast.

    Attributes
    ----------
    labels : (h, w) int32
        -1 line, 0 undecided, 1 bare substrate, 2 and up the regions.
    mean : (n, 3) float32
        Coded contrast of each region's core, less ZERO, indexed by label.
    size_px : (n,) int64
        Pixels of each region, 0 for a label that was joined to another.
    box : (n, 4) int64
        First row, end row, first column, end column of each region; not defined where size is 0.
    """

    labels: Labels
    mean: NDArray[np.float32]
    size_px: NDArray[np.int64]
    box: NDArray[np.int64]


def divide(
    coded: Coded, step_limit: NDArray[np.float64], bare_limit: NDArray[np.float64]
) -> Regions:
    """Divide a tile along its edges.

    Parameters
    ----------
    coded : (h, w, 3) uint8
        Coded contrast.
    step_limit : (3,)
        A 3x3 neighbourhood that spans no more than this in any channel is flat.
    bare_limit : (3,)
        Pixels no further than this from ZERO are bare substrate.
    """
    gradient = cv2.morphologyEx(coded, cv2.MORPH_GRADIENT, SQUARE)
    flat = cv2.inRange(gradient, np.zeros(3), step_limit)
    bare = cv2.inRange(coded, ZERO - bare_limit, ZERO + bare_limit)
    core, label, labels = _cores(np.asarray(cv2.bitwise_and(flat, cv2.bitwise_not(bare)), np.uint8))
    mean = _means(coded, core, label)
    # What is steep and near may belong to a faint flake's edge; what is steep alone is noise.
    near = cv2.dilate(cv2.medianBlur(cv2.bitwise_not(bare), 3), NEAR)
    substrate = np.asarray(cv2.bitwise_or(cv2.bitwise_not(near), cv2.bitwise_and(flat, bare)) > 0)
    np.copyto(labels, substrate)  # SUBSTRATE or undecided
    labels.ravel()[core] = label
    cv2.watershed(coded, labels)
    pixels = np.flatnonzero(~substrate)
    found = labels.ravel()[pixels]
    inside = found >= FIRST
    size_px, box = _extent(pixels[inside], found[inside], len(mean), labels.shape[1])
    length_px = np.hypot(box[:, 1] - box[:, 0], box[:, 3] - box[:, 2]).clip(1)
    areas = Areas(mean / bare_limit, size_px, size_px / length_px)
    owner = owners(coded, labels, pixels, areas, Code(1 / bare_limit, ZERO))
    labels.ravel()[pixels] = np.append(owner, np.int32(-1))[found]  # the entry at -1 is -1
    return Regions(labels, mean, *_united(owner, size_px, box))


def _cores(flat: NDArray[np.uint8]) -> tuple[NDArray[np.int64], Labels, Labels]:
    """Where regions begin: indices of pixels, the label of each, from FIRST on, and room for all.

    Wide areas that hang together by a neck begin as two.
    """
    # With statistics, OpenCV takes seven times as long.
    count, areas = cv2.connectedComponents(flat, connectivity=4)
    pixels = np.flatnonzero(np.asarray(flat > 0))  # four times as fast on bool as on bytes
    rows, columns = np.divmod(pixels, flat.shape[1])
    area = areas.ravel()[pixels]
    # Bodies are eleven pixels wide: every second pixel shows them as well.
    wide = cv2.morphologyEx(flat, cv2.MORPH_OPEN, DISC)[::2, ::2]
    parts, bodies = cv2.connectedComponents(np.ascontiguousarray(wide), connectivity=8)
    body = bodies[rows // 2, columns // 2]
    has_body = np.zeros(count, np.bool_)
    has_body[area[body > 0]] = True
    kept = ~has_body & (np.bincount(area, minlength=count) >= MIN_CORE_PX)
    label_of = np.zeros(count, np.int32)
    label_of[kept] = np.arange(np.count_nonzero(kept)) + FIRST + parts - 1
    label = np.where(body > 0, body + FIRST - 1, label_of[area]).astype(np.int32)
    return pixels[label > 0], label[label > 0], np.asarray(areas, np.int32)


def _means(coded: Coded, pixels: NDArray[np.int64], label: Labels) -> NDArray[np.float32]:
    total = np.bincount(label, minlength=FIRST).clip(1)
    values = coded.reshape(-1, 3)[pixels]
    sums = [np.bincount(label, values[:, c], minlength=FIRST) for c in range(3)]
    return np.asarray(np.stack(sums, axis=1) / total[:, None] - ZERO, np.float32)


def _united(
    owner: NDArray[np.int32], size_px: NDArray[np.int64], box: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sizes and boxes after labels were joined to their owners."""
    united = np.bincount(owner, size_px, minlength=len(owner)).astype(np.int64)
    around = box.copy()
    present = np.flatnonzero(size_px)
    for column, ufunc in enumerate((np.minimum, np.maximum, np.minimum, np.maximum)):
        ufunc.at(around[:, column], owner[present], box[present, column])
    return united, around


def _extent(
    pixels: NDArray[np.int64], label: Labels, count: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Size and bounding box of each label. `pixels` rise, so rows come for free."""
    size_px = np.bincount(label, minlength=count)
    order = np.argsort(label.astype(np.uint16) if count < 65536 else label, kind="stable")
    starts = np.concatenate([[0], np.cumsum(size_px)[:-1]])
    box = np.zeros((count, 4), np.int64)
    present = np.flatnonzero(size_px)
    if len(present):
        rows, columns = np.divmod(pixels[order], width)
        at, last = starts[present], starts[present] + size_px[present] - 1
        box[present, 0], box[present, 1] = rows[at], rows[last] + 1
        box[present, 2] = np.minimum.reduceat(columns, at)
        box[present, 3] = np.maximum.reduceat(columns, at) + 1
    return size_px, box
