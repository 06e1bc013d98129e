"""Metrics of a set of frames, each with its bootstrap interval over frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.quality.match import Verdict
from bench.quality.screen import ScreenedFrame
from bench.stages import STAGES

REPLICATES = 1000
COVERAGE = 0.95
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric and its interval; None where it is not defined (no flakes, no detections)."""

    value: float | None
    low: float | None
    high: float | None


def bootstrap_weights(frames: int, replicates: int = REPLICATES) -> Values:
    """How often each frame is drawn, (1 + replicates, frames); the first line is once each.

    Frames are drawn, not flakes: those of one frame share light, focus and substrate.
    """
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(frames, np.full(frames, 1 / frames), size=replicates)
    return np.vstack([np.ones(frames), drawn]).astype(np.float64)


def estimate(values: Values) -> Estimate:
    """Estimate from a metric's replicates, the first of which is the value itself."""
    replicates = values[1:][np.isfinite(values[1:])]
    if not np.isfinite(values[0]) or len(replicates) == 0:
        return Estimate(None, None, None)
    tail = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(replicates, [tail, 100 - tail]).tolist()
    return Estimate(float(values[0]), low, high)


def set_metrics(frames: Sequence[ScreenedFrame]) -> dict[str, Estimate]:
    """Every metric of a set with its interval."""
    return {name: estimate(values) for name, values in set_values(frames).items()}


def set_values(frames: Sequence[ScreenedFrame]) -> dict[str, Values]:
    """Every metric of a set: its value, then its replicates; the same draws for equal sizes."""
    weights = bootstrap_weights(len(frames))
    tallies = [_tally(frame) for frame in frames]
    totals = {name: weights @ np.array([t[name] for t in tallies]) for name in tallies[0]}
    wrong = totals["false"] + totals["duplicate"]
    tiles = weights.sum(axis=1)
    values = {
        "recall": _ratio(totals["hit"], totals["flakes"]),
        "candidate_recall": _ratio(totals["candidate_hits"], totals["flakes"]),
        "precision": _ratio(totals["hit"], totals["hit"] + wrong),
        "f1": _f1(totals["hit"], wrong, totals["flakes"]),
        "average_precision": _average_precision(frames, weights, totals["flakes"]),
        "mean_iou": _ratio(totals["iou"], totals["hit"]),
        "layer_accuracy": _ratio(totals["layers_right"], totals["layers_known"]),
        "false_per_tile": _ratio(wrong, tiles),
        "candidates_per_tile": _ratio(totals["candidates"], tiles),
        **{f"{stage}_ms": _ratio(totals[stage], tiles) for stage in STAGES},
    }
    values["tile_ms"] = sum((values[f"{stage}_ms"] for stage in STAGES), np.zeros(len(weights)))
    return values


def counts(frames: Sequence[ScreenedFrame]) -> dict[str, int]:
    """Plain numbers of a set: flakes, hits, false alarms, duplicates, what was ignored."""
    tallies = [_tally(frame) for frame in frames]
    names = ("flakes", "candidate_hits", "hit", "false", "duplicate", "ignored", "candidates")
    return {"tiles": len(frames)} | {name: int(sum(t[name] for t in tallies)) for name in names}


def _tally(frame: ScreenedFrame) -> dict[str, float]:
    called = frame.called_graphene
    outcomes = [verdict.outcome for verdict in called]
    hits = [verdict for verdict in called if verdict.outcome == "hit"]
    known = [v for v in hits if v.flake is not None and v.flake.layers is not None]
    return {
        "flakes": frame.flakes,
        "candidate_hits": frame.candidate_hits,
        "candidates": len(frame.verdicts),
        "iou": sum(verdict.iou for verdict in hits),
        "layers_known": len(known),
        "layers_right": sum(_layers_right(verdict) for verdict in known),
        **{name: outcomes.count(name) for name in ("hit", "false", "duplicate", "ignored")},
        **(dict.fromkeys(STAGES, 0.0) | frame.ms),
    }


def _layers_right(verdict: Verdict) -> bool:
    return verdict.flake is not None and verdict.found.layers == verdict.flake.layers


def _ratio(numerator: Values, denominator: Values) -> Values:
    quotient = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient


def _f1(hits: Values, wrong: Values, flakes: Values) -> Values:
    # Without flakes there is nothing to balance precision with.
    return np.where(flakes > 0, _ratio(2 * hits, hits + wrong + flakes), np.nan)


def _average_precision(frames: Sequence[ScreenedFrame], weights: Values, flakes: Values) -> Values:
    # Every candidate takes part, not only those over the threshold: the area under the whole
    # curve of precision over recall, with precision made monotonic (as COCO and VOC 2010).
    ranked = sorted(
        (-verdict.found.p_graphene, n, verdict.outcome == "hit")
        for n, frame in enumerate(frames)
        for verdict in frame.verdicts
        if verdict.outcome != "ignored"
    )
    if not ranked:
        return _ratio(np.zeros(len(weights)), flakes)
    frame_of = np.array([n for _, n, _ in ranked])
    hit = np.array([is_hit for _, _, is_hit in ranked])
    area = np.array([_area_under_curve(line[frame_of], hit) for line in weights])
    return _ratio(area, flakes)


def _area_under_curve(weight: Values, hit: NDArray[np.bool_]) -> float:
    # In units of flakes: the caller divides by how many there are.
    precision = np.cumsum(weight * hit) / np.maximum(np.cumsum(weight), 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * weight * hit).sum())
