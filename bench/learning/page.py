"""Page: the figures as short tables in Markdown."""

from collections.abc import Mapping
from typing import Any

_ROW = "| {} |\n"


def page_of(report: Mapping[str, Any]) -> str:
    """Everything that was run, a heading and a table each."""
    writers = {"loop": _loop, "latency": _latency, "worse": _lines, "swap": _lines, "deaths": _dead}
    text = f"# Learning from the lab ({report['database']}, base {report['base']})\n\n"
    text += f"{report['seen']}\n"
    for name, write in writers.items():
        if name in report:
            text += f"\n## {name}\n\n{write(report[name])}"
    return text


def _loop(loop: Mapping[str, Any]) -> str:
    head = ["tiles not reviewed", "", "flakes", "found", "false", "recall", "precision", "F1"]
    rows = [
        [
            name,
            when,
            one["flakes"],
            one["hit"],
            one["false"] + one["duplicate"],
            *(_shown(one[figure]) for figure in ("recall", "precision", "f1")),
        ]
        for name in loop["before"]
        for when in ("before", "after")
        for one in [loop[when][name]]
    ]
    said = loop["reviews"]
    refused = "; ".join(loop["gate"]["reasons"]) or "promoted"
    return (
        f"Reviews: {said['graphene']} graphene, {said['not_graphene']} not, "
        f"{said['unsure']} unsure ({', '.join(loop['reviewed_groups'])}). Gate: {refused}. "
        f"Changes: {loop['changes']}.\n\n" + _table(head, rows)
    )


def _latency(latency: Mapping[str, Any]) -> str:
    head = ["pace", "tiles", "p50 ms", "p95 ms", "with training", "rise of p95", "training's cores"]
    rows = [
        [
            pace,
            one["without"]["tiles"] + one["with"]["tiles"],
            f"{one['without']['p50_ms']} -> {one['with']['p50_ms']}",
            one["without"]["p95_ms"],
            one["with"]["p95_ms"],
            f"{one['p95_rise']:+.0%}",
            one["training_cores"],
        ]
        for pace, one in latency.items()
        if isinstance(one, Mapping)
    ]
    about = f"{latency['cores']} cores, load {latency['load_average']}.\n\n"
    return about + _table(head, rows)


def _dead(deaths: Mapping[str, Any]) -> str:
    head = ["death", "right", "state", "epochs", "models", "what"]
    rows = [
        [
            name,
            "yes" if one["right"] else "NO",
            one["state"],
            len(one["epochs"]),
            one["models_registered"],
            one.get("did", ""),
        ]
        for name, one in deaths.items()
    ]
    return _table(head, rows)


def _lines(found: Mapping[str, Any]) -> str:
    return _table(["what", "figure"], [[name, value] for name, value in found.items()])


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(_ROW.format(" | ".join(map(str, line))) for line in lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
