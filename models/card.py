"""The model card: what a network was made of, how good it is, and where it fails."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.calibrate import MISS_COST
from models.evaluate import Figure, Figures
from models.examples.gather import GatherConfig
from models.export import BATCHES
from models.training.config import TrainConfig
from service.inference.metadata import ModelMetadata

COLUMNS = ("f1", "precision", "recall", "false_alarms", "roc_auc", "average_precision")
CALIBRATION = ("brier", "calibration_error")

# One row a source: what, where from, licence.
DATA = (
    (
        "tight crops of graphene (90 nm SiO2) and of WSe2; frames `gl_*`",
        "2DMatGMM / MaskTerial graphene set, RWTH Aachen: Uslu et al., Mach. Learn.: Sci. Technol. "
        "5, 015027 (2024), arXiv 2412.09333",
        "MIT",
    ),
    ("frames `gh_*`, MoSe2, WS2 and thin hBN", "demonstration of MaskTerial", "MIT"),
    ("frames on about 285 nm SiO2 (`mi_*`)", "MiriRL/2DMatGMM", "MIT"),
    (
        "rendered tiles",
        "this project's renderer, optical constants from refractiveindex.info (CC0)",
        "MIT",
    ),
)

LIMITS = """\
- It judges what segmentation brings: a flake that is no candidate is never seen.
- Graphene means 1 to 4 layers. Four layers and five look alike where the oxide is unknown.
- Films of other materials that are as dark as graphene, in all three colours, are called graphene:
  thin hBN, residue and one layer of a dichalcogenide can be, on some oxide.
- Real examples are of 90 nm (two microscopes at most) and about 285 nm (one); every other oxide is
  known from rendered tiles only.
- On 285 nm only chosen flakes were marked. The negatives there are those that physics is sure of
  and the glow along thick edges, so false alarms on faint films are not measured.
- Single crops of one tile are not independent: intervals over crops are narrower than those over
  chips would be. Groups are the better guide.
"""


# Of 0, 100 and 200 the one with the least Brier score out of fold on real examples: what a training
# finds on a substrate that it has not seen depends on its seed. docs/decisions.md has the figures.
SEED = 100


@dataclass(frozen=True, slots=True)
class ShipConfig:
    """Everything that the shipped file depends on beside the data folder."""

    version: str = "flakenet-0.2"
    network: str = "flakenet"
    folds: int = 6
    # Least share of the graphene that the threshold lets through; None takes the threshold of least
    # cost. The best F1 would be at 0.78, where chips of a kind that was left out lose a third of
    # their flakes.
    recall: float | None = None
    gather: GatherConfig = field(default_factory=GatherConfig)
    # Rendered examples alone first: they are the most, and they are of no real group, so that all
    # folds can start from here.
    pretraining: TrainConfig = field(default_factory=lambda: TrainConfig(seed=SEED))
    training: TrainConfig = field(
        default_factory=lambda: TrainConfig(epochs=7, learning_rate=1e-3, ema_decay=0.99, seed=SEED)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Result of shipping a model version: what it was made of and how good it is.

    Attributes
    ----------
    difference : float
        Largest difference in probability between the network and the exported file.
    figures : name of a set -> Figures
        Real sets are out of fold: by a network that saw nothing of their group.
    """

    metadata: ModelMetadata
    config: ShipConfig
    difference: float
    verdicts: Mapping[str, Mapping[str, int]]
    figures: Mapping[str, Figures]


def write_card(result: Result, path: Path, comparison: Path | None = None) -> None:
    """Write the card as Markdown.

    Parameters
    ----------
    comparison : Path, optional
        compare.md of `flakescope compare`: its figures and costs are taken over.
    """
    made, config = result.metadata, result.config
    parts = [
        f"# {made.version}\n",
        "Says of a candidate on a microscope tile whether it is graphene (1 to 4 layers): "
        f"`p_graphene = sigmoid(logit / {made.temperature:.3f})`, graphene from "
        f"**{made.threshold:.3f}** on. Network `{config.network}`, crops of {made.input_size} px "
        f"(contrast R, G, B and mask), exported {made.created}, licence MIT.\n",
        "## Data\n",
        _data(),
        _verdicts(result),
        f"{config.gather.tiles} rendered tiles (first seed {config.gather.seed}). "
        f"Digest of all examples: `{made.data_digest}`.\n",
        "## Figures\n",
        "Graphene is the positive class. *Out of fold*: each group was judged by a network that "
        f"had seen no example of it ({config.folds} folds by acquisition group). *Rendered only*: "
        "by the network before it saw any real example. *frame*: the pipeline's own candidates on "
        "whole frames; *tight*: flakes cut out and laid on rendered ground; *outline*: marked "
        "flakes with a wrong outline. The temperature comes from these same "
        "out-of-fold predictions; the threshold is where a miss costs as much as "
        f"{MISS_COST:.0f} needless looks. In brackets the 95 % interval of a bootstrap: over "
        "crops, or where it says so over whole acquisition groups.\n",
        _table(result, COLUMNS),
        "Calibration, lower is better:\n",
        _table(result, CALIBRATION, only_all=True),
        f"The exported file differs from the network by at most {result.difference:.1e} in "
        f"probability (batches of {' and '.join(map(str, BATCHES))}).\n",
        *_comparison(comparison),
        "## Limits\n",
        LIMITS,
        "## Reproduce\n",
        "    pip install 'flakescope[cpu,train]'\n"
        "    flakescope train DATA --out models/zoo\n\n"
        f"`{made.version}.json` holds every setting and figure.\n",
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _data() -> str:
    rows = [" | ".join(row) for row in (("data", "where from", "licence"), ("---",) * 3, *DATA)]
    return "\n".join(f"| {row} |" for row in rows) + "\n"


def _verdicts(result: Result) -> str:
    lines = []
    for source, counts in result.verdicts.items():
        parts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
        lines.append(f"- {source}: {parts}")
    return "What became of candidates on frames and of tight crops:\n\n" + "\n".join(lines) + "\n"


def _table(result: Result, columns: tuple[str, ...], *, only_all: bool = False) -> str:
    names = [name.replace("_", " ") for name in columns]
    head = ["| set | graphene | other | " + " | ".join(names) + " |"]
    head.append("|---" * (len(columns) + 3) + "|")
    rows = [
        f"| {name} | {figures.positives} | {figures.negatives} | "
        + " | ".join(_cell(figures.figures[column]) for column in columns)
        + " |"
        for name, figures in result.figures.items()
        if not only_all or name.endswith(", all")
    ]
    return "\n".join(head + rows) + "\n"


def _cell(figure: Figure) -> str:
    """Value and interval: over groups where there are several, else over crops."""
    if math.isnan(figure.value):
        return "-"
    if math.isnan(figure.group_low):
        return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"
    return f"{figure.value:.3f} ({figure.group_low:.3f}-{figure.group_high:.3f} over groups)"


def _comparison(path: Path | None) -> list[str]:
    """Quote how the comparison was done, its figures and costs, under one heading."""
    if path is None:
        return []
    how, *sections = path.read_text(encoding="utf-8").split("\n## ")
    taken = [f"### {part}" for part in sections if part.startswith(("Figures", "Cost"))]
    return ["## Compared with other networks\n", how.partition("\n\n")[2], *taken]
