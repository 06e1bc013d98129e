"""Figures: what is called graphene on tiles that nobody reviewed, against the annotation."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bench.learning.lab import Chip, flakes_of, found_of, sure_negatives
from bench.learning.stage import Stage
from bench.quality.match import match

_COUNTED = ("tiles", "flakes", "hit", "false", "duplicate", "ignored")


def figures_of(stage: Stage, chips: Sequence[Chip]) -> dict[str, dict[str, float | None]]:
    """Recall, precision and F1 with their counts, in all and by kind of frame."""
    counts: dict[str, Counter[str]] = {"all": Counter()}
    for chip in chips:
        by_tile: dict[int, list[dict[str, object]]] = {tile: [] for tile in chip.frames}
        for flake in flakes_of(stage, chip, graphene=True):
            by_tile[flake["tile_id"]].append(flake)
        for tile, frame in chip.frames.items():
            found = [found_of(flake) for flake in by_tile[tile]]
            verdicts = match(frame, found, sure_negatives(frame))
            of_tile = Counter(one.outcome for one in verdicts) + Counter(
                tiles=1, flakes=sum(flake.counts for flake in frame.flakes)
            )
            for name in ("all", frame.sets[-1]):
                counts.setdefault(name, Counter()).update(of_tile)
    return {name: _ratios(one) for name, one in counts.items()}


def _ratios(counts: Mapping[str, int]) -> dict[str, float | None]:
    hit, flakes = counts.get("hit", 0), counts.get("flakes", 0)
    called = hit + counts.get("false", 0) + counts.get("duplicate", 0)
    return {name: counts.get(name, 0) for name in _COUNTED} | {
        "recall": _ratio(hit, flakes),
        "precision": _ratio(hit, called),
        # Without flakes there is nothing to balance precision with.
        "f1": _ratio(2 * hit, called + flakes) if flakes else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
