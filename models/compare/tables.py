"""The comparison as text tables: what HTML and Markdown share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from models.compare.config import CompareConfig
from models.compare.judged import ALL, NetworkFigures
from models.compare.run import Compared, losses_of
from models.compare.seed_study import STUDY
from models.evaluate import Figure
from models.export import TOLERANCE
from models.report.learning import Losses, verdict

FIGURES = ("f1", "precision", "recall", "roc_auc", "average_precision", "brier")
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of plain texts under a heading."""

    heading: str
    head: tuple[str, ...]
    rows: Rows


def text_of(figure: Figure) -> str:
    """Value and interval over groups, or over crops where there are too few groups."""
    if isnan(figure.value):
        return "-"
    by_group = not isnan(figure.group_low)
    low, high = (figure.group_low, figure.group_high) if by_group else (figure.low, figure.high)
    return f"{figure.value:.3f} ({low:.3f}-{high:.3f})"


def ranked(judged: Mapping[str, NetworkFigures]) -> list[str]:
    """Rank names, the best F1 over all first."""
    return sorted(judged, key=lambda name: -judged[name].sets[ALL].figures["f1"].value)


def tables(compared: Compared, judged: Mapping[str, NetworkFigures]) -> list[TextTable]:
    """Make every table of a comparison."""
    names = ranked(judged)
    found = [
        TextTable(
            f"Figures, {_set_name(which)}",
            ("network", *(name.replace("_", " ") for name in FIGURES)),
            [
                (name, *(text_of(judged[name].sets[which].figures[f]) for f in FIGURES))
                for name in names
            ],
        )
        for which in judged[names[0]].sets
    ]
    return [
        *found,
        TextTable("Cost", COST, [_cost(compared, name) for name in names]),
        *_by_group(judged, names),
        _study(),
    ]


COST = (
    "network",
    "parameters",
    "ms per crop, batch 1",
    "batch 8",
    "batch 64",
    "times EfficientNet-B0 (batch 8)",
    "ONNX, MB",
    "ONNX against PyTorch",
    "training, s",
    "loss",
)


def _set_name(which: str) -> str:
    words = {
        ALL: "tight crops and the pipeline's own candidates together",
        "frame": "the pipeline's own candidates on whole frames",
        "tight": "tight crops laid on rendered ground",
    }
    return words[which]


def _cost(compared: Compared, name: str) -> tuple[str, ...]:
    results, speed = compared.results[name], compared.speeds[name]
    reference = compared.speeds.get("efficientnet_b0")
    ms = speed.ms_per_crop
    share = "-"
    if reference is not None and reference.ms_per_crop and ms:
        share = f"{ms[8] / reference.ms_per_crop[8]:.2f}"
    parity = speed.refused or f"{speed.difference:.1e}, at most {TOLERANCE:.0e}"
    return (
        name,
        f"{results[0].parameters / 1e6:.2f} M",
        *(f"{ms[batch]:.2f}" if batch in ms else "-" for batch in (1, 8, 64)),
        share,
        "-" if speed.megabytes is None else f"{speed.megabytes:.1f}",
        parity,
        f"{sum(result.seconds for result in results):.0f}",
        verdict(Losses(list(losses_of(results)))),
    )


def _by_group(judged: Mapping[str, NetworkFigures], names: Sequence[str]) -> list[TextTable]:
    groups = judged[names[0]].groups
    recall = [g for g, figures in groups.items() if figures.positives]
    alarms = [g for g, figures in groups.items() if figures.negatives]
    return [
        TextTable(
            "Recall of graphene in each left-out group",
            ("network", *(f"{g} ({groups[g].positives})" for g in recall)),
            [(n, *(_point(judged[n].groups[g].figures["recall"]) for g in recall)) for n in names],
        ),
        TextTable(
            "False alarms in each left-out group (share of what is not graphene)",
            ("network", *(f"{g} ({groups[g].negatives})" for g in alarms)),
            [
                (n, *(_point(judged[n].groups[g].figures["false_alarms"]) for g in alarms))
                for n in names
            ],
        ),
    ]


def _point(figure: Figure) -> str:
    return "-" if isnan(figure.value) else f"{figure.value:.3f}"


def _study() -> TextTable:
    head = (
        "network",
        "accuracy",
        "precision as published",
        "F1 as published",
        "AUC",
        "s",
        "parameters",
        "graphene positive: precision",
        "recall",
        "F1",
    )
    rows: Rows = [
        (
            row.network,
            f"{row.accuracy:.2f}",
            f"{row.precision:.2f}",
            f"{row.f1:.2f}",
            f"{row.auc:.2f}",
            f"{row.seconds:.0f}",
            f"{row.parameters_millions:.1f} M",
            *(f"{value:.3f}" for value in row.corrected),
        )
        for row in STUDY
    ]
    return TextTable("Other data: the study of 2024", head, rows)


def how(compared: Compared) -> str:
    """Describe how the comparison was done, as one paragraph."""
    config: CompareConfig = compared.config
    return (
        f"Every network was trained {len(compared.folds)} times on the same examples, each time "
        "without whole acquisition groups, and judged on those. Each training: "
        f"{config.epochs} epochs of {config.samples} examples (batch {config.batch}), AdamW, the "
        "same augmentation, from random weights (flakenet+rendered: from weights learned on "
        f"rendered tiles), on {config.threads} thread(s). Graphene is positive; the temperature of "
        "each fold comes from the other folds; graphene is what is more likely graphene than not. "
        "In brackets: 95 % interval of a bootstrap over acquisition groups."
    )
