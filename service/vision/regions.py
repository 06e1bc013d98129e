"""Regions: the tile divided into bare substrate and areas of one contrast each."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.coding import LEVELS, ZERO, Limits, Noise
from service.vision.joining import FIRST, Areas, Scale, owners
from service.vision.sheet import Sheet
from service.vision.survey import CORE, MIN_CORE_PX

LINE = -1  # between two regions

# Flat areas joined by less than a disc of 11 pixels begin as two. One after the other these four
# are that disc, in half the time.
DISC = (
    np.ones((5, 1), np.uint8),
    *[cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))] * 2,
    cv2.getStructuringElement(cv2.MORPH_CROSS, (7, 3)),
)

# A terrace's step blurs over so many pixels, and is at least this in red or green: half of what one
# layer is on 285 nm. Noise spans so many times as much there as over three pixels.
TERRACE_PX = 5
HALF_LAYER = 0.045
WIDER = 1.4
# Beside a step its band has taken four pixels of a terrace: there seven are as wide as eleven. That
# far from the band, and no farther, lies the middle of such a terrace.
BESIDE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
REACH = np.ones((13, 13), np.uint8)

Labels = NDArray[np.int32]
Coded = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """A sheet divided by contrast.

    Attributes
    ----------
    labels : (h, w) int32
        -1 line, 0 undecided, 1 bare substrate, 2 thick, 3 and up the regions.
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


def divide(sheet: Sheet, kind: NDArray[np.uint8], noise: Noise) -> Regions:
    """Divide a sheet along its edges.

    Parameters
    ----------
    kind : (h, w)
        What each of its pixels is.
    noise : Noise
        Of the tile: how far bare substrate is from ZERO, and a flat place from itself.
    """
    bare_limit = noise.level
    coded = sheet.coded
    is_core = np.asarray(cv2.inRange(kind, float(CORE), float(CORE)), np.uint8)
    core, label, labels = _cores(is_core, _steps(coded, noise.step))
    mean = _means(coded, core, label)
    np.copyto(labels, cv2.bitwise_and(kind, cv2.bitwise_not(is_core)))
    pixels = np.flatnonzero(labels == 0)
    labels.ravel()[core] = label
    cv2.watershed(coded, labels)
    for rows, columns in sheet.borders:
        labels[rows, columns] = LINE
    found = labels.ravel()[pixels]
    size_px, box = _extent(pixels, found, len(mean), labels.shape[1])
    length_px = np.hypot(box[:, 1] - box[:, 0], box[:, 3] - box[:, 2]).clip(1)
    areas = Areas(mean / bare_limit, size_px, size_px / length_px)
    line = pixels[found == LINE]
    owner = owners(coded, labels, line, areas, Scale(1 / bare_limit, ZERO))
    changed = np.append(owner != np.arange(len(owner)), False)  # the last is what LINE, -1, finds
    if changed.any():
        inside = changed[found]
        labels.ravel()[pixels[inside]] = owner[found[inside]]
    return Regions(labels, mean, *_united(owner, size_px, box))


def _steps(coded: Coded, step: Limits) -> NDArray[np.uint8]:
    """Where red or green change over an edge's whole width by more than half a layer: terraces."""
    around = np.ones((TERRACE_PX, TERRACE_PX), np.uint8)
    found = np.zeros(coded.shape[:2], np.uint8)
    for channel in (0, 1):
        plane = np.ascontiguousarray(coded[..., channel])
        span = cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, around)
        most = max(HALF_LAYER * LEVELS, WIDER * float(step[channel]))
        found |= np.asarray(cv2.threshold(span, most, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return found


def _cores(
    flat: NDArray[np.uint8], steps: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], Labels, Labels]:
    """Find where regions begin: indices of pixels, the label of each from FIRST on, room for all.

    Wide areas that hang together by a neck, or with a step between them, begin as two.
    """
    # With statistics, OpenCV takes seven times as long; its usual way, half as long again.
    count, areas = cv2.connectedComponentsWithAlgorithm(flat, 4, cv2.CV_32S, cv2.CCL_WU)
    pixels = np.flatnonzero(np.asarray(flat > 0))  # four times as fast on bool as on bytes
    area = areas.ravel()[pixels]
    # Bodies are eleven pixels wide: every second pixel shows them as well.
    even = flat & ~steps
    beside = np.asarray(cv2.morphologyEx(even, cv2.MORPH_OPEN, BESIDE), np.uint8)
    beside &= np.asarray(cv2.dilate(steps & flat, REACH), np.uint8)
    wide = np.ascontiguousarray((_opened(even) | beside)[::2, ::2])
    parts, bodies = cv2.connectedComponents(wide, connectivity=8)
    row = pixels // flat.shape[1]
    body = bodies.ravel()[row // 2 * bodies.shape[1] + (pixels - row * flat.shape[1]) // 2]
    in_body = body > 0
    has_body = np.zeros(count, np.bool_)
    has_body[area[in_body]] = True
    kept = ~has_body & (np.bincount(area, minlength=count) >= MIN_CORE_PX)
    label_of = np.zeros(count, np.int32)
    label_of[kept] = np.arange(np.count_nonzero(kept)) + FIRST + parts - 1
    label = np.where(in_body, body + np.int32(FIRST - 1), label_of[area])
    begun = label > 0
    return pixels[begun], label[begun], np.asarray(areas, np.int32)


def _opened(flat: NDArray[np.uint8]) -> NDArray[np.uint8]:
    for part in DISC:
        flat = np.asarray(cv2.erode(flat, part), np.uint8)
    for part in DISC:
        flat = np.asarray(cv2.dilate(flat, part), np.uint8)
    return flat


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
    """Size and bounding box of each region. `pixels` rise."""
    # By runs of pixels side by side of one label: a tenth of the number of pixels.
    breaks = np.flatnonzero((np.diff(pixels) != 1) | (np.diff(label) != 0))
    first, last = np.append(0, breaks + 1), np.append(breaks, len(pixels) - 1)
    run = label[first] if len(pixels) else label
    kept = run >= FIRST
    run, first, last = run[kept], first[: len(kept)][kept], last[: len(kept)][kept]
    order = np.argsort(run, kind="stable")
    run, first, last = run[order], pixels[first[order]], pixels[last[order]]
    size_px, box = np.zeros(count, np.int64), np.zeros((count, 4), np.int64)
    present, at = np.unique(run, return_index=True)
    if len(present):
        size_px[present] = np.add.reduceat(last - first + 1, at)
        row, left = np.divmod(first, width)
        box[present, 0], box[present, 1] = (
            np.minimum.reduceat(row, at),
            np.maximum.reduceat(row, at) + 1,
        )
        box[present, 2] = np.minimum.reduceat(left, at)
        box[present, 3] = np.maximum.reduceat(left + last - first, at) + 1
    return size_px, box
