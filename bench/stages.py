"""Stages: one tile through the steps of `screen_tile`, each timed on its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from service.inference.classifier import Classifier
from service.optics.layers import estimate_layers
from service.screening.pipeline import trust
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import Tile, decode
from service.vision.measure import measure
from service.vision.normalise import Normalised, normalise
from service.vision.segment import SegmentParams, segment

STAGES = ("decode", "normalise", "segment", "crop", "classify", "measure")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class StageRun:
    """The tile, its candidates, and the milliseconds of each stage."""

    tile: Tile
    candidates: list[Candidate]
    ms: dict[str, float]


def run_stages(
    data: bytes,
    *,
    classifier: Classifier | None,
    params: SegmentParams,
    um_per_px: float | None = None,
    oxide_nm: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> StageRun:
    """Screen one image file step by step, as `screen_tile` does it.

    Without a network it ends after segmentation, and the later stages take 0 ms.

    Parameters
    ----------
    clock : callable
        Seconds from any start on.
    """
    ms: dict[str, float] = {}

    def timed(stage: str, step: Callable[[], _T]) -> _T:
        start = clock()
        result = step()
        ms[stage] = (clock() - start) * 1000
        return result

    tile = timed("decode", lambda: decode(data, um_per_px=um_per_px, oxide_nm=oxide_nm))
    normalised = timed("normalise", lambda: normalise(tile))
    candidates = timed("segment", lambda: segment(normalised, params, tile.um_per_px))
    if classifier is None:
        return StageRun(tile, candidates, dict.fromkeys(STAGES, 0.0) | ms)
    size = classifier.input_size
    crops = timed("crop", lambda: crop(normalised, candidates, size))
    probabilities = timed("classify", lambda: classifier.classify(crops)).tolist()
    timed("measure", lambda: _measure(tile, normalised, candidates, probabilities))
    return StageRun(tile, candidates, ms)


def _measure(
    tile: Tile, normalised: Normalised, candidates: list[Candidate], probabilities: list[float]
) -> None:
    measurements = [measure(candidate, normalised) for candidate in candidates]
    weights = [trust(p, m.area_px) for p, m in zip(probabilities, measurements, strict=True)]
    estimate_layers([m.contrast_rgb for m in measurements], oxide_nm=tile.oxide_nm, weights=weights)
