"""Segment a tile: regions of uniform contrast that may be flakes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.candidate import Candidate, median
from service.vision.coding import LEVELS, SQUARE, ZERO, Limits, code, enlarge
from service.vision.joining import FIRST
from service.vision.normalise import Normalised
from service.vision.regions import Regions, divide
from service.vision.sheet import Sheet, lay
from service.vision.survey import SUBSTRATE, survey, tell_kinds

# JPEG codes colour in blocks of 8 x 8 samples (ITU-T T.81), and by habit one sample stands for
# 2 x 2 pixels: blocks of 16 pixels from the tile's top left corner on.
BLOCK_PX = 16
# By chance 3/16 of an outline lie within a pixel of a border between blocks. Of 5,569 candidates
# on annotated frames in six lights, 3 had more than half there; of 589 on a dark frame at
# JPEG quality 60, 436.
ALIGNED = 0.5
# ITU-R BT.601, by which JPEG parts brightness from colour. Brightness it codes much finer.
_LUMA = np.array([0.299, 0.587, 0.114])
# A colour's error leaves brightness as it is; graphene darkens or brightens all channels.
COLOUR_ONLY = 0.35


def is_block(
    candidate: Candidate, contrast_rgb: NDArray[Any], background_rgb: Sequence[float]
) -> bool:
    """Tell whether a candidate is nothing but blocks of a coarse JPEG's colour.

    Parameters
    ----------
    contrast_rgb : (3,)
        Of the region, to the bare substrate.
    background_rgb : (3,)
        Of the bare substrate, as the camera gives it.
    """
    step = contrast_rgb * np.asarray(background_rgb)
    if abs(float(_LUMA @ step)) > COLOUR_ONLY * float(np.abs(step).max()):
        return False
    return aligned_share(candidate) > ALIGNED


def aligned_share(candidate: Candidate) -> float:
    """Share of the outline that lies on a border between blocks, to a pixel."""
    padded = np.pad(candidate.mask, 1).astype(np.int8)
    # Where the mask begins or ends: left of column x + i, above row y + i.
    upright = np.count_nonzero(np.diff(padded, axis=1), axis=0)
    level = np.count_nonzero(np.diff(padded, axis=0), axis=1)
    on_border = upright[_near_border(candidate.x, upright.size)].sum()
    on_border += level[_near_border(candidate.y, level.size)].sum()
    return float(on_border / (upright.sum() + level.sum()))


def _near_border(first: int, count: int) -> NDArray[np.bool_]:
    return (np.arange(first, first + count) + 1) % BLOCK_PX <= 2


CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
# Sharpness is judged on a ring this far outside the outline.
RING_PX = 4
FADED = 0.3
# Half the width up to which a region wedged between others is no flake: two blurred edges.
SLIVER_PX = 3.0
# A region may grow to the area asked for by its blurred rim if it has this share of it.
PART = 0.6
# A tile whose edges are steeper than any well-sampled one's (at most 0.62 on 20x tiles) is coarse;
# it is enlarged twice where that leaves it no larger than a usual tile.
COARSE_FOCUS = 0.63
MOST_COARSE_PX = 1_200_000


@dataclass(frozen=True, slots=True)
class SegmentParams:
    """Limits of what counts as a candidate.

    Attributes
    ----------
    min_area_um2 : float
        Smallest area where the scale is known.
    min_area_px : int
        Smallest area in tile pixels where it is not.
    least_contrast : float
        A region differs from the substrate by at least this in one channel: well below one layer
        (0.13 in green on 90 and 285 nm), above what uneven light leaves over.
    most_contrast : float
        More than this, darker, is no 1-4 layers on any usual oxide (4 layers: 0.47).
    least_step : float
        A place is flat where contrast changes by less than this over three pixels.
    """

    min_area_um2: float = 20.0
    min_area_px: int = 150
    least_contrast: float = 0.045
    most_contrast: float = 0.62
    least_step: float = 0.034


def segment(
    normalised: Normalised, params: SegmentParams, um_per_px: float | None = None
) -> list[Candidate]:
    """Candidates of one tile, in its pixels, the largest first."""
    least = np.array([[params.least_step] * 3, [params.least_contrast] * 3])
    coded = code(normalised, least)
    enlarged = _is_coarse(normalised)
    if enlarged:
        coded = enlarge(coded, normalised.bare, least)
    area_px = params.min_area_um2 / um_per_px**2 if um_per_px else params.min_area_px
    least_px = max(int(area_px / normalised.reduction**2), 12) * (4 if enlarged else 1)
    seen = survey(coded, int(PART * least_px))
    if not seen.places:
        return []
    sheet = lay(coded, seen)
    level = coded.noise.level
    kind = tell_kinds(sheet.coded, coded.noise, int(PART * least_px))
    regions = divide(sheet, kind, coded.noise)
    found = []
    for label in _promising(regions, least_px, level, params):
        contrast = regions.mean[label] / LEVELS
        for cut in _cut(sheet, regions, label, 1 / level, least_px):
            candidate = _halved(cut) if enlarged else _repeated(cut, normalised.reduction)
            if not is_block(candidate, contrast, normalised.light.background_rgb):
                found.append(candidate)
    return found


def _is_coarse(normalised: Normalised) -> bool:
    """Tell if a flake may be but a few pixels wide: edges of one pixel on a small tile."""
    return (
        normalised.light.focus > COARSE_FOCUS
        and normalised.pixels[..., 0].size < MOST_COARSE_PX
        and normalised.reduction == 1
    )


def _repeated(candidate: Candidate, times: int) -> Candidate:
    """Enlarge a candidate of a reduced tile to the tile's own pixels."""
    if times == 1:
        return candidate
    # Between the reduced pixels' middles the outline is a straight line, not their border.
    full = cv2.resize(
        255 * candidate.mask.astype(np.uint8),
        None,
        fx=times,
        fy=times,
        interpolation=cv2.INTER_LINEAR,
    )
    return Candidate(candidate.x * times, candidate.y * times, np.asarray(full >= 128))


def _halved(candidate: Candidate) -> Candidate:
    """Halve an enlarged tile's candidate to the tile's own pixels: those of which half is in it."""
    height, width = candidate.mask.shape
    above, before = candidate.y % 2, candidate.x % 2
    padded = np.pad(
        candidate.mask.astype(np.uint8),
        ((above, (above + height) % 2), (before, (before + width) % 2)),
    )
    half = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2).sum(axis=(1, 3)) >= 2
    return Candidate(candidate.x // 2, candidate.y // 2, np.asarray(half))


def _promising(
    regions: Regions, least_px: int, bare_limit: Limits, params: SegmentParams
) -> list[int]:
    """Labels of regions that are large enough and neither substrate nor thick, largest first."""
    good = (
        (regions.size_px >= PART * least_px)
        & (np.abs(regions.mean) > bare_limit).any(axis=1)
        & (regions.mean.min(axis=1) > -params.most_contrast * LEVELS)
        & (regions.mean.max(axis=1) < 250 - ZERO)
    )
    good[:FIRST] = False
    labels = np.flatnonzero(good)
    return [int(label) for label in labels[np.argsort(-regions.size_px[labels], kind="stable")]]


def _cut(
    sheet: Sheet, regions: Regions, label: int, weight: Limits, least_px: int
) -> Iterator[Candidate]:
    """Cut out what is sharp of a region, up to where contrast falls to half of its own.

    It may fall apart: a gap too narrow to end the region may be wide enough to end a flake.
    """
    rows, columns, top, left = sheet.around(regions.box[label], RING_PX + 2)
    labels = regions.labels[rows, columns]
    share = _share(sheet.coded[rows, columns], regions.mean[label], weight)
    own = labels == label
    free = (labels <= SUBSTRATE) | own
    grown = cv2.dilate(own.astype(np.uint8), SQUARE)
    # Closed; grown from there it would be the same again.
    filled = np.asarray(cv2.erode(grown, SQUARE) > 0)
    rim = np.asarray(grown > 0) & (labels <= 0)
    reach = (rim | filled) & free & (share > 0.5)
    inside = cv2.morphologyEx(reach.astype(np.uint8), cv2.MORPH_OPEN, CROSS)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    for part in range(1, count):
        x, y, width, height, size_px = stats[part].tolist()
        if size_px < least_px:
            continue
        mask = np.asarray(parts == part)
        if _is_sharp(mask, share, free):
            yield Candidate(left + x, top + y, mask[y : y + height, x : x + width])


def _share(coded: NDArray[np.uint8], mean: NDArray[np.float32], weight: Limits) -> NDArray[Any]:
    """Share of the way from the bare substrate (0) to the contrast `mean` (1) at each pixel."""
    direction = mean * weight**2 / float((mean**2 * weight**2).sum())
    offset = -ZERO * direction.sum()
    return np.asarray(cv2.transform(coded.astype(np.float32), np.append(direction, offset)[None]))


def _is_sharp(mask: NDArray[np.bool_], share: NDArray[Any], free: NDArray[np.bool_]) -> bool:
    """Tell if contrast has gone a few pixels beyond the outline: in a halo it only fades."""
    grown = cv2.dilate(mask.astype(np.uint8), SQUARE, iterations=RING_PX - 1)
    around = np.asarray(cv2.dilate(grown, SQUARE) > grown)
    ring = around & free
    ring_px, whole_px = np.count_nonzero(ring), np.count_nonzero(around)
    if ring_px < 0.5 * whole_px:
        # Between other regions: a sliver there is their gap or their edge.
        return (
            float(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3).max()) >= SLIVER_PX
        )
    return bool(ring_px) and float(median(share[ring])) < FADED
