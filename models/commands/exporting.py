"""What `flakescope export` does."""

import platform
from pathlib import Path

import torch
from rich.console import Console

from models.examples.sources import SourceConfig
from models.export import CLASSES, export
from models.judge import examples_to_judge
from models.networks import NAMES
from models.parity import Row, parity, parity_table
from models.precision import Loss, Precision, reduce
from models.training.run_folder import as_json, read_network, read_result, read_sample
from service.inference.metadata import ModelMetadata


def export_run(
    run: Path, out: Path, version: str, precision: Precision | None, data: Path | None
) -> None:
    """Export a finished run; and, where asked for, a smaller file with its loss."""
    taught, sample = read_result(run), read_sample(run)
    metadata = ModelMetadata(
        version=version,
        input_size=taught.input_size,
        classes=CLASSES,
        threshold=taught.threshold,
        temperature=taught.temperature,
        data_digest=taught.data_digest,
        created=taught.created,
    )
    about = {"network": taught.network, "weights": taught.weights, "figures": as_json(taught)}
    difference = export(read_network(run), metadata, out, sample, about)
    console = Console()
    console.print(f"written: {out}; probabilities differ by at most {difference:.1e}")
    if precision is None or data is None:
        return
    small = out.with_name(f"{out.stem}-{precision}.onnx")
    examples = examples_to_judge(data, taught.input_size, SourceConfig().group_by)
    loss = reduce(out, small, precision, sample, examples)
    console.print(f"written: {small}")
    console.print(loss_in_words(loss))


def loss_in_words(loss: Loss) -> str:
    """Describe what smaller numbers cost and bring."""
    before, after = loss.before.figures, loss.after.figures
    figures = ", ".join(
        f"{name.replace('_', ' ')} {before[name].value:.4f} -> {after[name].value:.4f}"
        for name in ("f1", "recall", "precision", "roc_auc")
    )
    return (
        f"{figures}; probabilities differ by up to {loss.difference:.3f}; "
        f"{loss.bytes_before / 1e6:.2f} -> {loss.bytes_after / 1e6:.2f} MB; "
        f"{loss.ms_before:.2f} -> {loss.ms_after:.2f} ms per crop"
    )


def print_parity() -> None:
    """Export, compare and time every network."""
    console = Console()
    torch.set_num_threads(1)
    size = SourceConfig().size
    rows: list[Row] = []
    for row in parity(NAMES, size):
        rows.append(row)
        console.print(f"{row.name} {row.speed.refused or 'agrees'}")
    console.print(parity_table(rows))
    console.print(
        f"Crops of {size} px, one thread, {platform.machine()}; difference in probability at 1 and "
        "17 crops; spread of those probabilities; ms per crop in batches."
    )
