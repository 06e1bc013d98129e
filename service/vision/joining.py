"""Joining: neighbouring areas that only a fold, a line or noise divides are one region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Two neighbours within this distance (in units of the least contrast that counts) are of one
# contrast, and one region if the line between them does not show the substrate: a fold or a
# dark line crosses a flake, a gap ends it. 0.85: most of the way from substrate to flake.
SAME = 1.2
COVERED = 0.85
# Neighbours that touch along less than this share of the smaller one's width are two flakes.
NECK = 0.5
# Label of the first region.
FIRST = 3
# Pixels at the two ends of a line that are blurred into what lies beside the flake.
ENDS_PX = 2
# An area no wider than this is the fold itself where it has one contrast on both sides.
FOLD_PX = 6
# A fold is of more layers than the flake it crosses.
FOLDED = 1.1

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """Pairs of regions that share a line.

    Attributes
    ----------
    low, high : (p,) int64
        Labels of the two, low < high.
    length_px : (p,) int64
        Pixels of the line.
    cover : (p,) float64
        Median share, along the line, of the way from the substrate to the two regions' contrast.
    """

    low: Indices
    high: Indices
    length_px: Indices
    cover: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Areas of the labels: what is known of each, all indexed by it.

    Attributes
    ----------
    mean : (n, 3) float64
        Contrast in units of the least contrast that counts.
    size_px : (n,) int64
    width_px : (n,) float64
        Size divided by length.
    """

    mean: NDArray[np.float64]
    size_px: Indices
    width_px: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Scale from coded contrast to units of the least that counts: (coded - zero) * factor."""

    factor: NDArray[np.float64]
    zero: int


def owners(
    coded: NDArray[np.uint8],
    labels: NDArray[np.int32],
    line: Indices,
    areas: Areas,
    scale: Scale,
) -> NDArray[np.int32]:
    """Find the label that each label is joined to, often itself.

    Parameters
    ----------
    coded : (h, w, 3)
        Coded contrast.
    labels : (h, w)
        Regions from 3 on.
    line : (m,)
        Flat indices of the pixels of the lines between regions.
    """
    owner = np.arange(len(areas.mean), dtype=np.int32)
    low, high, line = _neighbours(labels, line)
    if not len(line):
        return owner
    mean, size_px, width_px = areas.mean, areas.size_px.copy(), areas.width_px
    between = (coded.reshape(-1, 3)[line].astype(np.float64) - scale.zero) * scale.factor
    borders = _borders(low, high, between, mean)
    apart = np.linalg.norm(mean[borders.low] - mean[borders.high], axis=1)
    one = (apart < SAME) & (borders.cover > COVERED)
    # Longest lines first: a fragment joins the region it lies in before it can bridge two others.
    order = np.argsort(-borders.length_px, kind="stable")
    for index in order[one[order]].tolist():
        a, b = _root(owner, borders.low[index]), _root(owner, borders.high[index])
        if a != b and borders.length_px[index] > NECK * min(width_px[a], width_px[b]):
            _join(owner, size_px, a, b)
    for fold, sides in _folds(borders, mean, size_px):
        for side in sides:
            a, b = _root(owner, fold), _root(owner, side)
            if a != b:
                _join(owner, size_px, a, b)
    return np.array([_root(owner, label) for label in range(len(owner))], np.int32)


def _neighbours(labels: NDArray[np.int32], line: Indices) -> tuple[Indices, Indices, Indices]:
    """Pairs of regions on both sides of each pixel of a line, and that pixel's index."""
    height, width = labels.shape
    flat = labels.ravel()
    rows, columns = np.divmod(line, width)
    line = line[(rows > 0) & (rows < height - 1) & (columns > 0) & (columns < width - 1)]
    around = np.stack([flat[line - 1], flat[line + 1], flat[line - width], flat[line + width]])
    high = around.max(axis=0)
    low = np.where(around >= FIRST, around, np.iinfo(np.int32).max).min(axis=0)
    divides = low < high
    return low[divides].astype(np.int64), high[divides].astype(np.int64), line[divides]


def _borders(
    low: Indices, high: Indices, between: NDArray[np.float64], mean: NDArray[np.float64]
) -> Borders:
    middle = (mean[low] + mean[high]) / 2
    cover = (between * middle).sum(axis=1) / (middle**2).sum(axis=1).clip(1e-6)
    pairs, group, length_px = np.unique(
        low * len(mean) + high, return_inverse=True, return_counts=True
    )
    order = np.lexsort((cover, group))
    starts = np.cumsum(length_px) - length_px
    # The two ends of a line lie on the flake's own blurred edge: left out where there is more.
    ends = np.minimum(ENDS_PX, length_px - 1)
    median = cover[order][starts + ends + (length_px - ends) // 2]
    return Borders(pairs // len(mean), pairs % len(mean), length_px, median)


def _folds(
    borders: Borders, mean: NDArray[np.float64], size_px: NDArray[np.intp]
) -> list[tuple[int, tuple[int, int]]]:
    """Thin areas, each with the two regions of one lesser contrast on its long sides."""
    sides: dict[int, list[tuple[int, int]]] = {}
    for a, b, length_px in zip(
        borders.low.tolist(), borders.high.tolist(), borders.length_px.tolist(), strict=True
    ):
        sides.setdefault(a, []).append((length_px, b))
        sides.setdefault(b, []).append((length_px, a))
    found = []
    for label, neighbours in sides.items():
        (_, one), (length_px, other) = [*sorted(neighbours, reverse=True)[:2], (0, 0)][:2]
        thin = length_px and size_px[label] / length_px < FOLD_PX
        if thin and np.linalg.norm(mean[one] - mean[other]) < SAME:
            share = float(mean[label] @ mean[one] / (mean[one] @ mean[one]).clip(1e-6))
            if share > FOLDED:
                found.append((label, (one, other)))
    return found


def _join(owner: NDArray[np.int32], size_px: NDArray[np.intp], a: int, b: int) -> None:
    larger, smaller = (a, b) if size_px[a] >= size_px[b] else (b, a)
    owner[smaller] = larger
    size_px[larger] += size_px[smaller]


def _root(owner: NDArray[np.int32], label: int) -> int:
    while owner[label] != label:
        label = int(owner[label])
    return int(label)
