"""Report: the numbers of a run as JSON and as a table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from bench.quality.metrics import Estimate, counts, set_metrics
from bench.quality.screen import ScreenedFrame, of_set, set_names_of

COLUMNS = (
    "candidate_recall",
    "recall",
    "precision",
    "f1",
    "average_precision",
    "mean_iou",
    "layer_accuracy",
    "false_per_tile",
    "candidates_per_tile",
    "tile_ms",
)
# Without a network every candidate is called graphene and all p are equal.
NEEDS_A_NETWORK = (
    "recall",
    "precision",
    "f1",
    "average_precision",
    "false_per_tile",
    "layer_accuracy",
)


def build_report(screened: Sequence[ScreenedFrame], *, candidates_only: bool) -> dict[str, Any]:
    """Counts and metrics per set, and the outcome of every frame."""
    sets = {}
    for name in set_names_of(screened):
        frames = of_set(screened, name)
        metrics = set_metrics(frames)
        if candidates_only:
            metrics = {k: v for k, v in metrics.items() if k not in NEEDS_A_NETWORK}
        sets[name] = {
            "counts": counts(frames),
            "metrics": {key: asdict(value) for key, value in metrics.items()},
        }
    return {"sets": sets, "frames": [_frame_report(item) for item in screened]}


def _frame_report(item: ScreenedFrame) -> dict[str, Any]:
    return {
        "name": item.frame.name,
        "sets": item.frame.sets,
        "counts": counts([item]),
        "ms": item.ms,
        "misses": [
            {
                "bbox_px": list(asdict(miss.flake.region.box).values()),
                "area_px": miss.flake.region.area_px,
                "layers": miss.flake.layers,
                "best_candidate_iou": miss.iou,
                "best_candidate_p_graphene": miss.p_graphene,
            }
            for miss in item.misses
        ],
    }


def build_table(report: dict[str, Any]) -> Table:
    """One line per set: the values with their intervals."""
    table = Table("set", "tiles", "flakes", "hit", "false", "dup.", "ign.")
    names = [n for n in COLUMNS if any(n in s["metrics"] for s in report["sets"].values())]
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for set_name, numbers in report["sets"].items():
        count = numbers["counts"]
        cells = [format_estimate(Estimate(**numbers["metrics"][name])) for name in names]
        plain = ("tiles", "flakes", "hit", "false", "duplicate", "ignored")
        table.add_row(set_name, *(str(count[key]) for key in plain), *cells)
    return table


def format_estimate(value: Estimate) -> str:
    """The value over its interval, with as many digits as say something."""
    if value.value is None or value.low is None or value.high is None:
        return "-"
    digits = 0 if value.value >= 20 else 2
    return f"{value.value:.{digits}f}\n{value.low:.{digits}f} to {value.high:.{digits}f}"
