"""Robustness: how much is lost when light, camera or scale change."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.table import Table

from bench.quality.metrics import Estimate, estimate, set_values
from bench.quality.report import format_estimate
from bench.quality.screen import ScreenedFrame, find, judge, of_set, set_names_of
from bench.quality.variants import variants
from service.inference.classifier import Classifier
from service.vision.segment import SegmentParams

RECALLS = ("candidate_recall", "recall")


def screen_variants(
    screened: Sequence[ScreenedFrame],
    *,
    classifier_of: Callable[[str], Classifier | None],
    params: SegmentParams,
) -> dict[str, list[ScreenedFrame]]:
    """Every frame again under every variant, by the network for its group; tiles are not kept."""
    results: dict[str, list[ScreenedFrame]] = defaultdict(list)
    for item in screened:
        if item.tile is None:
            continue
        for name, frame, tile in variants(item.frame, item.tile):
            found = find(tile, classifier=classifier_of(frame.group), params=params)
            results[name].append(replace(judge(frame, tile, found, {}), tile=None))
    return dict(results)


def build_robustness(
    screened: Sequence[ScreenedFrame],
    changed: dict[str, list[ScreenedFrame]],
    *,
    candidates_only: bool,
) -> dict[str, Any]:
    """Change of recall (and of false alarms per tile) by set and variant, paired over frames."""
    names = RECALLS[:1] if candidates_only else (*RECALLS, "false_per_tile")
    return {
        set_name: {
            variant: {key: asdict(value) for key, value in _changes(plain, frames, names)}
            for variant, frames in ((v, of_set(items, set_name)) for v, items in changed.items())
        }
        for set_name in set_names_of(screened)
        for plain in [of_set(screened, set_name)]
    }


def _changes(
    plain: Sequence[ScreenedFrame], changed: Sequence[ScreenedFrame], names: Sequence[str]
) -> Iterator[tuple[str, Estimate]]:
    # The same draws of the same frames on both sides: the interval is that of the difference.
    before, after = set_values(plain), set_values(changed)
    for name in names:
        yield name, estimate(after[name] - before[name])


def build_robustness_table(robustness: dict[str, Any]) -> Table:
    """Change of the last recall by variant (lines) and set (columns)."""
    table = Table("change of recall")
    first = next(iter(robustness.values()))
    recall = RECALLS[-1] if RECALLS[-1] in next(iter(first.values())) else RECALLS[0]
    shown = [
        name
        for name, by_variant in robustness.items()
        if next(iter(by_variant.values()))[recall]["value"] is not None
    ]
    for name in shown:
        table.add_column(name, justify="right")
    for variant in first:
        cells = [format_estimate(Estimate(**robustness[s][variant][recall])) for s in shown]
        table.add_row(variant, *cells)
    return table
