"""Verdict on a candidate: what the annotation says, or physics where that is silent."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.examples.annotation import Frame, Marked
from models.examples.overlap import box, iou, shared_px
from models.examples.physics import distance_to_graphene
from service.vision.candidate import Candidate
from service.vision.measure import measure
from service.vision.normalise import Normalised

IOU_OF_A_FLAKE = 0.5
# A candidate that shares more than this with a marked flake is neither it nor clearly not it.
LEAST_SHARE = 0.1
# No usual camera sees graphene further away than the first (residue, gold, thick graphite), and
# what is nearer than the second, unmarked, is more likely forgotten than not graphene: the
# annotators left out many small flakes beside those that they marked.
FAR_FROM_GRAPHENE, NEAR_GRAPHENE = 0.08, 0.02
# The glow of a thick or golden edge is faint and lies wholly within this share of the frame's width
# from it; a flake that hangs on the edge reaches beyond.
GLOW, GLOW_SHARE = 0.013, 0.95
# The most contrast of a glow: that of two layers is more.
FAINT = 0.16
# What is darker or brighter than any thin flake.
THICK, BRIGHT = 0.55, 0.25

# Where a frame does not say on what it was taken.
USUAL_OXIDE_NM = 90.0

Verdict = Literal["graphene", "not_graphene", "partial", "disputed", "unmarked"]


def judge(candidate: Candidate, frame: Frame, normalised: Normalised) -> Verdict:
    """Judge a candidate by the annotation, or where that is silent by the physics."""
    if not frame.holds_graphene:
        return "not_graphene"
    flakes = [marked for marked in frame.flakes if marked.is_graphene]
    if any(is_flake(candidate, marked) for marked in flakes):
        return "graphene"
    if any(_touches(candidate, marked) for marked in flakes):
        return "partial"
    if any(is_flake(candidate, marked) for marked in frame.flakes if not marked.is_graphene):
        return "not_graphene"
    return _judge_unmarked(candidate, frame, normalised)


def _judge_unmarked(candidate: Candidate, frame: Frame, normalised: Normalised) -> Verdict:
    contrast = measure(candidate, normalised).contrast_rgb
    distance = distance_to_graphene(contrast, frame.oxide_nm or USUAL_OXIDE_NM)
    if distance > FAR_FROM_GRAPHENE or max(contrast) > BRIGHT:
        return "not_graphene"
    if not frame.exhaustive:
        glows = max(map(abs, contrast)) < FAINT and is_glow(candidate, normalised)
        return "not_graphene" if glows else "unmarked"
    if distance < NEAR_GRAPHENE:
        return "disputed"
    enough = np.count_nonzero(candidate.mask) >= frame.least_px
    return "not_graphene" if enough else "unmarked"


def is_glow(candidate: Candidate, normalised: Normalised) -> bool:
    """Tell if a candidate lies so close along something thick or bright that it is its glow."""
    reach = round(GLOW * normalised.pixels.shape[1]) * normalised.reduction
    contrast = _contrast_around(candidate, normalised, reach)
    thick = ((contrast.min(axis=2) < -THICK) | (contrast.max(axis=2) > BRIGHT)).astype(np.uint8)
    # Specks of a few pixels do not glow.
    thick = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    near = cv2.distanceTransform(1 - thick, cv2.DIST_L2, 5)[reach:-reach, reach:-reach] < reach
    return float(near[candidate.mask].mean()) > GLOW_SHARE


def _contrast_around(
    candidate: Candidate, normalised: Normalised, reach: int
) -> NDArray[np.float32]:
    """Contrast of the candidate's box and `reach` pixels around it, 0 beyond the tile."""
    x, y, width, height = candidate.bbox_px
    tile_height, tile_width = (side * normalised.reduction for side in normalised.pixels.shape[:2])
    left, top = max(x - reach, 0), max(y - reach, 0)
    right, bottom = min(x + width + reach, tile_width), min(y + height + reach, tile_height)
    contrast = np.zeros((height + 2 * reach, width + 2 * reach, 3), np.float32)
    inner = normalised.contrast(left, top, right - left, bottom - top)
    row, column = top - y + reach, left - x + reach
    contrast[row : row + bottom - top, column : column + right - left] = inner
    return contrast


def is_flake(candidate: Candidate, marked: Marked) -> bool:
    """Tell whether a candidate is the marked flake: half of both together is in both."""
    same = box(candidate) if marked.is_box else candidate
    return iou(same, marked.candidate) >= IOU_OF_A_FLAKE


def _touches(candidate: Candidate, marked: Marked) -> bool:
    shared = shared_px(candidate, marked.candidate)
    smaller = min(np.count_nonzero(candidate.mask), np.count_nonzero(marked.candidate.mask))
    return bool(shared > LEAST_SHARE * smaller)
