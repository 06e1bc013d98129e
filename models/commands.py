"""The commands that need PyTorch; each imports it when it runs, so that `--help` is quick."""
# ruff: noqa: PLR0913, PLR0917 - options of a command are its arguments

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from service.errors import FlakescopeError

DataFolder = Annotated[
    Path, typer.Argument(metavar="DATA", help="Folder with frames/frames.csv and crops/index.csv.")
]


def train(
    folder: DataFolder,
    out: Annotated[Path, typer.Option(help="Folder for the ONNX file, its card and figures.")],
    version: Annotated[str, typer.Option(help="Name of the model version.")] = "flakenet-0.1",
    tiles: Annotated[int, typer.Option(help="Rendered tiles to learn from.")] = 1200,
    workers: Annotated[int, typer.Option(help="Processes that render.")] = 2,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps rendered examples for the next time.")
    ] = None,
    folds: Annotated[
        Path | None, typer.Option(help="Folder for the networks that each left groups out.")
    ] = None,
) -> None:
    """Train a network on annotated frames, tight crops and rendered tiles, and export it.

    Judged by leaving out whole acquisition groups; those figures go into its card.
    """
    _require_torch()
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick

    from models.examples.gather import GatherConfig  # noqa: PLC0415
    from models.ship import ShipConfig, ship  # noqa: PLC0415

    config = ShipConfig(
        version=version,
        gather=GatherConfig(tiles=tiles, test_tiles=max(tiles // 10, 1)),
    )
    result = ship(folder, out, config, workers, cache, folds)
    console = Console()
    for name in ("frame", "tight"):
        figures = result.figures[f"out of fold: {name}, all"]
        missed, right = figures.confusion[2:]
        console.print(
            f"{name}: F1 {figures.figures['f1'].value:.3f}, {right} found, {missed} missed, "
            f"{figures.confusion[1]} false"
        )
    console.print(f"written: {out / version}.onnx")


def evaluate(
    folder: DataFolder,
    model: Annotated[Path | None, typer.Option(help="ONNX file; else the shipped one.")] = None,
) -> None:
    """Judge an exported network on annotated frames: candidate by candidate, group by group.

    Not a test for a network that was trained on these very frames.
    """
    _require_torch()
    from models.report import report  # noqa: PLC0415 - `--help` stays quick

    report(folder, model)


def _require_torch() -> None:
    if find_spec("torch") is None:
        raise FlakescopeError("This command needs PyTorch: pip install 'flakescope[cpu,train]'.")
