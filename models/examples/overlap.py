"""Overlap of candidates with each other."""

import numpy as np

from service.vision.candidate import Candidate


def shared_px(a: Candidate, b: Candidate) -> int:
    """Pixels in both masks."""
    left, top = max(a.x, b.x), max(a.y, b.y)
    right = min(a.x + a.mask.shape[1], b.x + b.mask.shape[1])
    bottom = min(a.y + a.mask.shape[0], b.y + b.mask.shape[0])
    if left >= right or top >= bottom:
        return 0
    in_a = a.mask[top - a.y : bottom - a.y, left - a.x : right - a.x]
    in_b = b.mask[top - b.y : bottom - b.y, left - b.x : right - b.x]
    return int(np.count_nonzero(in_a & in_b))


def iou(a: Candidate, b: Candidate) -> float:
    """Intersection over union."""
    shared = shared_px(a, b)
    return shared / (np.count_nonzero(a.mask) + np.count_nonzero(b.mask) - shared)


def box(candidate: Candidate) -> Candidate:
    """Make the candidate's bounding box a candidate."""
    return Candidate(candidate.x, candidate.y, np.ones_like(candidate.mask))
